"""How far the result of a candidate is from that of the reference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, cast

import numpy as np
import torch

from backend.inference.adapters.scores import softmax
from backend.tasks.agreement import Compared


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Of one input: cosine of all numbers, the same top labels, largest error of a probability."""

    cosine: float
    is_same_label: bool
    probability_error: float | None = None


_DIFFERENT = Comparison(cosine=0.0, is_same_label=False)


def compare(reference: Any, other: Any, compared: Compared | None) -> Comparison:
    """Compare two results of `Adapter.forward` for the same input.

    `compared`: what the task's arrays are; None: anything, of which the numbers are compared.
    """
    first, second = list(arrays_of(reference)), list(arrays_of(other))
    if [one.shape for one in first] != [one.shape for one in second]:
        return _DIFFERENT
    if not first:
        same = bool(reference == other)
        return Comparison(cosine=float(same), is_same_label=same)
    pairs = list(zip(first, second, strict=True))
    if any((np.isfinite(a) != np.isfinite(b)).any() for a, b in pairs):
        return _DIFFERENT
    cosine = _cosine(*(np.concatenate([one.ravel() for one in both]) for both in (first, second)))
    if compared != "labels":
        return Comparison(cosine=cosine, is_same_label=True)
    rows = [(a, b) for a, b in pairs if a.ndim > 0 and a.shape[-1] > 1]
    return Comparison(
        cosine=cosine,
        is_same_label=all((a.argmax(-1) == b.argmax(-1)).all() for a, b in rows),
        probability_error=max(
            (float(np.abs(softmax(a) - softmax(b)).max(initial=0.0)) for a, b in rows), default=None
        ),
    )


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    finite = np.isfinite(one)
    one, other = one[finite], other[finite]
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    if size == 0:
        return float(np.array_equal(one, other))
    return min(1.0, float(one @ other) / size)


def arrays_of(result: Any) -> Iterator[np.ndarray]:
    """All arrays and tensors of floats in a nested result, in order, as float64."""
    if isinstance(result, torch.Tensor):
        result = result.double().numpy(force=True) if result.is_floating_point() else None
    if isinstance(result, np.ndarray):
        if np.issubdtype(result.dtype, np.floating):
            yield result.astype(np.float64)
        return
    for part in _parts_of(result):
        yield from arrays_of(part)


def _parts_of(result: Any) -> Sequence[Any]:
    if isinstance(result, Mapping):
        return list(cast("Mapping[object, object]", result).values())
    if isinstance(result, list | tuple):
        return cast("Sequence[object]", result)
    return list(vars(result).values()) if is_dataclass(result) else []
