"""Locked extras (optional libraries), and detection of those that a model requires."""
