"""Measures candidates in a worker process, once for each model, machine and version."""
