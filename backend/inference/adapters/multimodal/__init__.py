"""Adapters for models with image and text input."""
