"""Adapters that read pictures and write texts."""
