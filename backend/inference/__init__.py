"""The model server: a separate process, the only one that imports torch."""
