"""Models that ship with the product, and the lists of them and of well-known Hub models."""
