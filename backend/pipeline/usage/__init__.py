"""What a person gets in hand after a success: examples that work when they are pasted."""

from backend.pipeline.usage.compose import usage

__all__ = ["usage"]
