"""Windows that overlap, for texts that are too long: their sizes, and their way through a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.base import Prepared

# So many windows go through the model at once; between two of them a request can end.
_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class WindowDefaults:
    """Of one task, in tokens: the overlap where a request names none, and windows at most."""

    overlap: int
    most: int


def window_of(asked: int | None, limit: int | None, usual: int) -> int:
    """Tokens that are read at once. Raises InvalidInput for more than the model's limit."""
    if asked and limit and asked > limit:
        raise InvalidInput(f"max_seq_len is {asked:,}; this model takes at most {limit:,}.")
    return asked or min(limit or usual, usual)


def overlap_of(
    text: int, beside: int, window: int, asked: int | None, usual: WindowDefaults
) -> int:
    """By how many tokens windows of a text of `text` tokens overlap, with `beside` in each.

    Raises InputTooLong for a question without room beside it and for too many windows, and
    InvalidInput for an overlap that would not move on.
    """
    room = window - beside
    if room < 1:
        raise InputTooLong(
            f"The question has {beside:,} tokens, which leaves no room for the text; "
            f"{window:,} are read at once."
        )
    if asked is not None and asked >= room:
        raise InvalidInput(
            f"doc_stride is {asked:,}; beside the question a window has {room:,} tokens of text."
        )
    overlap = min(usual.overlap, window // 2, room // 2) if asked is None else asked
    # Counted before they are made: with a large overlap they are as many as tokens.
    count = 1 - (room - text) // (room - overlap)
    if text > room and count > usual.most:
        raise InputTooLong(
            f"{text:,} tokens are {count:,} windows; at most {usual.most:,} are read."
        )
    return overlap


def by_windows(
    group: Sequence[Prepared], logits: Callable[[Sequence[Any], Prepared], list[np.ndarray]]
) -> list[list[np.ndarray]]:
    """For each member of a group the logits of its rows, as far as somebody waits for them."""
    results: list[list[np.ndarray]] = []
    for prepared in group:
        made: list[np.ndarray] = []
        for i in range(0, len(prepared.rows), _AT_ONCE):
            if prepared.stop():
                break
            made += logits(prepared.rows[i : i + _AT_ONCE], prepared)
        results.append(made)
    return results
