"""Looks models up on the Hub and fetches them."""
