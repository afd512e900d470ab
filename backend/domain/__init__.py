"""Frozen values that every other package speaks in. No I/O here; imports only errors."""
