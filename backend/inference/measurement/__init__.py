"""Measures which way of running a model is the fastest here, and whether its results agree."""
