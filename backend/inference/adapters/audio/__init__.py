"""Adapters that hear and speak."""
