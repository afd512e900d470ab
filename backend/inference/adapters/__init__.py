"""Adapters: one per task, or per group of tasks that differ only in the type of their input."""
