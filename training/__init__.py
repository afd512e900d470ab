"""Scripts that train the four starter models from scratch; never imported by the product."""
