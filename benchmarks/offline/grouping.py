"""Groups of inputs of similar sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One encoded input with its size in tokens, pixels or samples."""

    size: int
    value: Any


def groups(rows: Sequence[Row], window: int | None, size: int) -> list[list[Row]]:
    """Cut consecutive windows into groups of neighbours by size; window None: one for all."""
    step = window or len(rows)
    found: list[list[Row]] = []
    for first in range(0, len(rows), step):
        waiting = sorted(rows[first : first + step], key=lambda row: row.size)
        found += [waiting[at : at + size] for at in range(0, len(waiting), size)]
    return found
