"""The tasks: request and response schemas, limits and samples. Does not import torch."""

from backend.tasks.base import Sample, Task
from backend.tasks.registry import ALIASES, NOT_SERVED, TASKS, canonical
from backend.tasks.task_selection import cannot_serve, task_for

__all__ = [
    "ALIASES", "NOT_SERVED", "TASKS", "Sample", "Task", "cannot_serve", "canonical", "task_for",
]  # fmt: skip
