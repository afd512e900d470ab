"""Detect deployments without requests that have an idle timeout, so that they scale to zero."""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from backend.domain.server import ServerLoad


@dataclass(frozen=True, kw_only=True)
class QuietSince:
    """Number of requests answered, and since when it is unchanged (monotonic seconds)."""

    answered: int
    since: float


class IdleMonitor:
    """Receives the load of every deployment once per second; the caller then calls `sleep`."""

    def __init__(self, sleep: Callable[[str, int], Awaitable[None]]) -> None:
        self.sleep = sleep
        self._quiet: dict[str, QuietSince] = {}

    def is_idle(self, deployment_id: str, limit: int | None, load: ServerLoad) -> bool:
        """Whether it had no request for `limit` seconds; health checks do not count as requests."""
        now = time.monotonic()
        last = self._quiet.get(deployment_id)
        if last is None or last.answered != load.answered or load.in_flight > 0:
            self._quiet[deployment_id] = QuietSince(answered=load.answered, since=now)
            return False
        if limit is None or now - last.since < limit:
            return False
        del self._quiet[deployment_id]
        return True

    def forget(self, running: Collection[str]) -> None:
        """Drop deployments that are not running; their idle time restarts with them."""
        for deployment_id in self._quiet.keys() - set(running):
            del self._quiet[deployment_id]
