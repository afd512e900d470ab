"""Slipway's control plane, keeper and model server."""

__version__ = "0.1.0"
