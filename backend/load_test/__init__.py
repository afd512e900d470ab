"""Sends the requests of a load test from a process of its own, and measures the responses."""
