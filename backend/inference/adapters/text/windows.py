"""Overlapping windows of long texts: their sizes, and batches of windows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.base import Prepared

# Windows per forward pass; between two passes a request can be cancelled.
_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class WindowDefaults:
    """Defaults of a task, in tokens: overlap, and maximum number of windows."""

    overlap: int
    most: int


def window_of(requested: int | None, limit: int | None, usual: int) -> int:
    """Window size in tokens. Raises InvalidInput if it exceeds the model's limit."""
    if requested and limit and requested > limit:
        raise InvalidInput(f"max_seq_len is {requested:,}; this model takes at most {limit:,}.")
    return requested or min(limit or usual, usual)


def overlap_of(
    text: int, beside: int, window: int, requested: int | None, usual: WindowDefaults
) -> int:
    """Overlap in tokens of the windows of a text of `text` tokens; `beside` are fixed per window.

    Raises InputTooLong if the question leaves no room or there are too many windows, and
    InvalidInput if the overlap is not smaller than the room for text.
    """
    capacity = window - beside
    if capacity < 1:
        raise InputTooLong(
            f"The question has {beside:,} tokens, which leaves no room for the text; "
            f"{window:,} are read at once."
        )
    if requested is not None and requested >= capacity:
        raise InvalidInput(
            f"doc_stride is {requested:,}; a window has only {capacity:,} tokens of text "
            "beside the question."
        )
    overlap = min(usual.overlap, window // 2, capacity // 2) if requested is None else requested
    # Counted first, since with a large overlap there are as many windows as tokens.
    count = 1 - (capacity - text) // (capacity - overlap)
    if text > capacity and count > usual.most:
        raise InputTooLong(f"{text:,} tokens are {count:,} windows; the limit is {usual.most:,}.")
    return overlap


def by_windows(
    group: Sequence[Prepared], logits: Callable[[Sequence[Any], Prepared], list[np.ndarray]]
) -> list[list[np.ndarray]]:
    """Logits of each member's windows, in batches; stops for members whose client is gone."""
    results: list[list[np.ndarray]] = []
    for prepared in group:
        made: list[np.ndarray] = []
        for i in range(0, len(prepared.rows), _AT_ONCE):
            if prepared.stop():
                break
            made += logits(prepared.rows[i : i + _AT_ONCE], prepared)
        results.append(made)
    return results
