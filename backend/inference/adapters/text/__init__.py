"""Adapters that read texts and judge them."""
