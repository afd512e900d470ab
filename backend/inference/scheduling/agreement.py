"""Whether two results of a model agree."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, cast

import numpy as np


def differs(one: Any, other: Any, tolerance: float) -> bool:
    """Whether arrays in two results differ by more than `tolerance` times their largest value.

    Anything else in them has to be equal.
    """
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _arrays_differ(one, other, tolerance)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        rows = cast("Mapping[object, object]", one), cast("Mapping[object, object]", other)
        return rows[0].keys() != rows[1].keys() or any(
            differs(rows[0][k], rows[1][k], tolerance) for k in rows[0]
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pair = cast("Sequence[object]", one), cast("Sequence[object]", other)
        return len(pair[0]) != len(pair[1]) or any(
            differs(a, b, tolerance) for a, b in zip(*pair, strict=True)
        )
    if is_dataclass(one) and type(one) is type(other):
        return differs(vars(one), vars(other), tolerance)
    return bool(one != other)


def _arrays_differ(one: np.ndarray, other: np.ndarray, tolerance: float) -> bool:
    if one.dtype == object or one.shape != other.shape:
        return one.shape != other.shape or differs(one.tolist(), other.tolist(), tolerance)
    finite = np.isfinite(one)
    if (finite != np.isfinite(other)).any():
        return True
    largest = np.abs(one[finite]).max(initial=0.0)
    return bool(np.abs(one[finite] - other[finite]).max(initial=0.0) > tolerance * largest)
