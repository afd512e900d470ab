"""Pure arithmetic of the bench: percentiles, medians, ratios, and a measure with its target."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Direction = Literal["at least", "at most"]


def median(values: Iterable[float]) -> float:
    """Return the median, NaN if there are no values."""
    found = list(values)
    return statistics.median(found) if found else math.nan


def ratio(value: float, reference: float) -> float:
    """Return `value / reference`, NaN if either is unknown or the reference is zero."""
    return value / reference if reference else math.nan


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors of equal length, NaN if one is zero."""
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return ratio(product, math.hypot(*one) * math.hypot(*other))


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One ratio of a part, next to the target that it must reach; `target` None: no target."""

    name: str
    value: float
    target: float | None = None
    direction: Direction = "at least"

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None: no target, or not measured."""
        if self.target is None or math.isnan(self.value):
            return None
        if self.direction == "at least":
            return self.value >= self.target
        return self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return all fields; a NaN becomes null."""
        return asdict(self) | {"value": None if math.isnan(self.value) else self.value}

    @staticmethod
    def from_json(found: dict[str, Any]) -> Measure:
        """Reverse `as_json`."""
        fields = dict(found)
        if fields["value"] is None:
            fields["value"] = math.nan
        return Measure(**fields)


def figure(value: float) -> str:
    """Return three significant digits; `-` for NaN."""
    if math.isnan(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 6)}f}"
