"""Tokenizes several short texts, for models that compare images or audio with texts."""

from collections.abc import Sequence
from typing import Any

import torch

from backend.inference.adapters.limits import too_long
from backend.inference.adapters.tokenization import position_limit


class PromptTokenizer:
    """A tokenizer with the model's limit. `is_full`: pad texts to the limit."""

    def __init__(self, model: Any, tokenizer: Any, *, is_full: bool = False) -> None:
        self._tokenizer = tokenizer
        self.limit = position_limit(model, tokenizer)
        self._padding = (
            {"padding": "max_length", "max_length": self.limit} if is_full else {"padding": True}
        )

    def encode(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Token ids, int64 `[texts, sequence]`. Raises InputTooLong; nothing is truncated."""
        made = self._tokenizer(list(texts), truncation=False, verbose=False)
        longest = max(len(ids) for ids in made["input_ids"])
        if self.limit and longest > self.limit:
            raise too_long(longest, self.limit)
        return dict(self._tokenizer.pad(made, return_tensors="pt", **self._padding))
