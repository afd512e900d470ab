"""What `make generate` writes, one renderer a file."""
