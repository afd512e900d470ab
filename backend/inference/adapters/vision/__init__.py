"""Adapters for images and videos."""
