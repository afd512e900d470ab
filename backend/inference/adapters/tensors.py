"""Collates the outputs of a processor to a batch on the model's device."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from backend.inference.adapters.base import LoadedModel, Prepared


def prepared(features: Mapping[str, Any], keep: Any = None, key: Any = ()) -> Prepared:
    """Prepare one row of tensors; values other than tensors are dropped.

    Only rows of equal shape are batched, since padding would change the result.
    """
    row = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
    shapes = tuple((name, tuple(value.shape[1:])) for name, value in row.items())
    size = max(value.numel() for value in row.values())
    return Prepared(size=size, rows=(row,), key=(shapes, key), keep=keep)


def stacked(group: Sequence[Prepared], loaded: LoadedModel) -> dict[str, torch.Tensor]:
    """Concatenate the rows of a batch along the first axis."""
    rows = [prepared.rows[0] for prepared in group]
    return {name: place(torch.cat([row[name] for row in rows]), loaded) for name in rows[0]}


def place(tensor: torch.Tensor, loaded: LoadedModel) -> torch.Tensor:
    """Move to the model's device; floating-point tensors are cast to the dtype of its weights."""
    if tensor.is_floating_point():
        return tensor.to(device=loaded.device, dtype=loaded.dtype)
    return tensor.to(device=loaded.device)
