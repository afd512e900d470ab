"""Stores events, then broadcasts them."""
