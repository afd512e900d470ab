"""Adapters that read pictures and films."""
