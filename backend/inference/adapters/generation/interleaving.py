"""Lets other work go on in the model thread while `generate` runs."""

from collections.abc import Callable
from typing import Any

import torch
from transformers import StoppingCriteria


class Interleaving(StoppingCriteria):
    """Stopping criterion that ends nothing; calls `between` after each token of a batch."""

    def __init__(self, between: Callable[[], None]) -> None:
        self._between = between

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        """Return false for each row, bool `[batch]`."""
        del scores, kwargs
        self._between()
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)
