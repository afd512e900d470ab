"""Converted weights on disk, and the sealed worker that converts them."""
