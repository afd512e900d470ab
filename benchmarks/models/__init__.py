"""Models of real sizes with random weights, built from configurations; nothing is downloaded."""
