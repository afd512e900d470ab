"""Adapters for text generation, and their shared code."""
