"""Whether two results of a model are the same but for rounding."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, cast

import numpy as np

# Of the largest value; rounding in bfloat16 stays below, padding that a model sees does not.
_DIFFERENCE = 0.02


def differs(one: Any, other: Any) -> bool:
    """Whether two results differ by more than rounding; other types have to be equal."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _arrays_differ(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        rows = cast("Mapping[object, object]", one), cast("Mapping[object, object]", other)
        return rows[0].keys() != rows[1].keys() or any(
            differs(rows[0][k], rows[1][k]) for k in rows[0]
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pair = cast("Sequence[object]", one), cast("Sequence[object]", other)
        return len(pair[0]) != len(pair[1]) or any(map(differs, *pair))
    if is_dataclass(one) and type(one) is type(other):
        return differs(vars(one), vars(other))
    return bool(one != other)


def _arrays_differ(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype == object or one.shape != other.shape:
        return one.shape != other.shape or any(map(differs, one.tolist(), other.tolist()))
    finite = np.isfinite(one)
    if (finite != np.isfinite(other)).any():
        return True
    largest = np.abs(one[finite]).max(initial=0.0)
    return bool(np.abs(one[finite] - other[finite]).max(initial=0.0) > _DIFFERENCE * largest)
