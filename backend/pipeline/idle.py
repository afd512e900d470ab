"""Puts deployments to sleep that were asked to sleep when nobody calls them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.progress.history import Point
from backend.store import Store


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """How many requests had been answered, and since when that is so (monotonic seconds)."""

    answered: float
    since: float


class IdleWatch:
    """Told of every scrape; calls `sleep` when the request's own limit is reached."""

    def __init__(self, store: Store, sleep: Callable[[str, int], Awaitable[None]]) -> None:
        self._store = store
        self._sleep = sleep
        self._quiet: dict[str, Quiet] = {}

    async def saw(self, deployment_id: str, version: int, point: Point) -> None:
        """Compare with the last scrape. Health checks and scrapes are no requests."""
        answered, now = sum(point.requests.values()), time.monotonic()
        last = self._quiet.get(deployment_id)
        if last is None or last.answered != answered or point.in_flight > 0:
            self._quiet[deployment_id] = Quiet(answered=answered, since=now)
            return
        record = await self._store.versions.get(deployment_id, version)
        limit = record.request.serving.idle_timeout_seconds
        if limit is not None and now - last.since >= limit:
            del self._quiet[deployment_id]
            await self._sleep(deployment_id, limit)
