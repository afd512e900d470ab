"""Adapters for text classification, tagging and extraction."""
