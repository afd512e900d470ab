"""Immutable value types shared by all packages. No I/O; imports only `backend.errors`."""
