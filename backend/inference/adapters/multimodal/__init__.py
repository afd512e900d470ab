"""Adapters that read images and write texts."""
