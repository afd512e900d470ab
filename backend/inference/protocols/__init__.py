"""Routes besides /predict for clients of other API formats, one module per protocol."""
