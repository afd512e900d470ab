"""What this machine has, and whether a model fits."""
