"""Client of the Hugging Face Hub: model lookup, search and download."""
