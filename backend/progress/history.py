"""Metrics of each deployment over the last hour, in memory; lost on restart."""

from collections import deque
from collections.abc import Sequence

from pydantic import Field

from backend.domain.base import Value

# One hour of points, four seconds apart.
KEPT = 900


class Point(Value):
    """One scrape of a deployment's servers; counters are totals since the server started."""

    at: float = Field(description="Unix time in seconds.")
    requests: dict[str, float] = Field(
        description="Requests in total, by status class `2xx`, `4xx`, `5xx`."
    )
    buckets: dict[str, float] = Field(
        description="Cumulative request counts by upper bound in seconds."
    )
    duration_sum: float = Field(description="Total duration of all requests, in seconds.")
    queue_depth: float
    in_flight: float
    batch_size_sum: float
    batch_count: float
    memory_bytes: int | None


class History:
    """The points of all deployments; up to an hour each."""

    def __init__(self) -> None:
        self._points: dict[str, deque[Point]] = {}

    def add(self, deployment_id: str, point: Point) -> None:
        """Append a point; drops the oldest beyond the limit."""
        self._points.setdefault(deployment_id, deque(maxlen=KEPT)).append(point)

    def newest(self, deployment_id: str) -> Point | None:
        """The latest point, or None."""
        points = self._points.get(deployment_id)
        return points[-1] if points else None

    def since(self, deployment_id: str, moment: float) -> Sequence[Point]:
        """Points from `moment` on (Unix time in seconds)."""
        return [point for point in self._points.get(deployment_id, ()) if point.at >= moment]

    def forget(self, living: set[str]) -> None:
        """Drop the points of deployments that no longer exist."""
        for deployment_id in self._points.keys() - living:
            del self._points[deployment_id]
