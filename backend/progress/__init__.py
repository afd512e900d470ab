"""Event journal: stores events, then broadcasts them."""
