"""Renderers of the files that `make generate` writes."""
