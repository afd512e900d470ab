"""Adapters that make vectors of texts, and compare and rank by them."""
