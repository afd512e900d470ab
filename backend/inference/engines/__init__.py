"""Engines: load a model from files and run its forward pass; adapters are above them."""
