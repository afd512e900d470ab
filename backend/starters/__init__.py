"""Models that ship with the product, and the catalogues that list them and well-known Hub models."""
