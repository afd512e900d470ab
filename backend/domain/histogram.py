"""Quantiles from cumulative histogram buckets, like Prometheus' histogram_quantile."""

import math
from collections.abc import Mapping


def quantile(share: float, buckets: Mapping[str, float]) -> float | None:
    """Return the quantile `share` (0 to 1), by linear interpolation within its bucket.

    `buckets` maps upper bounds (as in `le`) to cumulative counts. Returns None without
    observations, and the highest finite bound if the quantile lies above it.
    """
    ordered = sorted(
        (math.inf if bound == "+Inf" else float(bound), count) for bound, count in buckets.items()
    )
    if not ordered or ordered[-1][1] <= 0:
        return None
    rank = share * ordered[-1][1]
    lower, before = 0.0, 0.0
    for bound, count in ordered:
        if count >= rank:
            if math.isinf(bound):
                return lower
            inside = count - before
            return bound if inside <= 0 else lower + (bound - lower) * (rank - before) / inside
        lower, before = bound, count
    return lower


def difference(new: Mapping[str, float], old: Mapping[str, float]) -> dict[str, float]:
    """Difference between two scrapes; a counter that decreased was reset: its new value counts."""
    return {
        name: value - old.get(name, 0.0) if value >= old.get(name, 0.0) else value
        for name, value in new.items()
    }
