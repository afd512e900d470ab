"""What a processor made of one input, stacked to a group and placed where the model is."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from backend.inference.adapters.base import LoadedModel, Prepared


def prepared(features: Mapping[str, Any], keep: Any = None, key: Any = ()) -> Prepared:
    """One row of tensors. What has one shape can be stacked; nothing is padded, which would change
    the answer. What is no tensor is for training and left out."""
    row = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
    shapes = tuple((name, tuple(value.shape[1:])) for name, value in row.items())
    size = max(value.numel() for value in row.values())
    return Prepared(size=size, rows=(row,), key=(shapes, key), keep=keep)


def stacked(group: Sequence[Prepared], loaded: LoadedModel) -> dict[str, torch.Tensor]:
    """The rows of a group as one batch."""
    rows = [prepared.rows[0] for prepared in group]
    return {name: place(torch.cat([row[name] for row in rows]), loaded) for name in rows[0]}


def place(tensor: torch.Tensor, loaded: LoadedModel) -> torch.Tensor:
    """On the model's device; numbers with a fraction in the precision of its weights."""
    if tensor.is_floating_point():
        return tensor.to(device=loaded.device, dtype=loaded.dtype)
    return tensor.to(device=loaded.device)
