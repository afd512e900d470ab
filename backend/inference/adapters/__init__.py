"""Adapters: one for each task, or family of tasks that differ only in reading their input."""
