"""Warm parents of the stub server: one that forks, and others that cannot."""
