"""Calls of a causal language model with keys and values in a SlotCache."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from transformers import Cache, DynamicCache

from backend.inference.adapters.generation.slot_cache import SlotCache


class SlotModel:
    """A model with the inputs that `generate` would give it for prompts padded on the left."""

    def __init__(self, model: Any, kinds: Sequence[int | None]) -> None:
        """`kinds` are those of SlotCache."""
        self._model = model
        self._kinds = kinds
        self._config = model.config.get_text_config(decoder=True)
        accepted = inspect.signature(model.forward).parameters
        self._has_positions = "position_ids" in accepted
        self._options: dict[str, Any] = {"use_cache": True}
        if model._supports_logits_to_keep():
            self._options["logits_to_keep"] = 1

    def slots(self, rows: int, budget: int) -> SlotCache:
        """An empty cache for this number of rows; rows times columns are at most `budget`."""
        return SlotCache(self._kinds, most_rows=rows, budget=budget)

    def new_cache(self) -> DynamicCache:
        """The cache of a prompt while it is read."""
        return DynamicCache(config=self._config)

    def release(self, sequence: DynamicCache) -> None:
        """Does nothing: the tensors are freed with the last reference to them."""

    def bytes_per_token(self) -> int:
        """Size of the keys and values of one token in all layers; reads one token."""
        cache = self.new_cache()
        with torch.inference_mode():
            self.read([0], 0, cache)
        layers: Any = cache.layers
        tensors = [t for layer in layers for t in (layer.keys, layer.values) if t is not None]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def read(self, part: Sequence[int], start: int, cache: DynamicCache) -> torch.Tensor:
        """Read the tokens of a prompt from `start`; logits of the last one, float32 `[1, size]`."""
        ids = torch.tensor([list(part)], device=self._model.device)
        positions = torch.arange(start, start + len(part), device=ids.device)[None]
        return self._logits(ids, positions, None, cache)

    def step(self, tokens: Sequence[int], first: int, cache: SlotCache) -> torch.Tensor:
        """Process the last token of the rows from `first`; logits float32 `[rows, vocabulary]`."""
        last = first + len(tokens)
        cache.select(first, last)
        ids = torch.tensor(tokens, device=self._model.device)[:, None]
        positions = torch.tensor(cache.lengths[first:last], device=ids.device)[:, None]
        return self._logits(ids, positions, cache.mask(ids.device), cache)

    def _logits(
        self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor | None, cache: Cache
    ) -> torch.Tensor:
        given = {"position_ids": positions} if self._has_positions else {}
        inputs = self._model.prepare_inputs_for_generation(
            ids, past_key_values=cache, attention_mask=mask, **given, **self._options
        )
        logits = self._model(**inputs, return_dict=True).logits[:, -1]
        # A copy, since processors may change it, and so that the logits of a prompt are freed.
        return logits.to(torch.float32, copy=True)
