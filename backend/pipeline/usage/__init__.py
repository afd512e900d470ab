"""Usage examples of a running deployment, which work when they are pasted."""

from backend.pipeline.usage.compose import usage

__all__ = ["usage"]
