"""The six steps, their order, and what runs them."""
