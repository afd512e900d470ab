"""Runtimes: where and how model servers run."""
