"""Processes that prepare: each gets a job on stdin and writes lines to stdout."""
