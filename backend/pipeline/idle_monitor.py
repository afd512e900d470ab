"""Puts deployments to sleep that were asked to sleep when nobody calls them."""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from backend.domain.server import ServerLoad


@dataclass(frozen=True, kw_only=True)
class QuietSince:
    """How many requests had been answered, and since when that is so (monotonic seconds)."""

    answered: int
    since: float


class IdleMonitor:
    """Told the load of every deployment each second; `sleep` is called by whoever asks it."""

    def __init__(self, sleep: Callable[[str, int], Awaitable[None]]) -> None:
        self.sleep = sleep
        self._quiet: dict[str, QuietSince] = {}

    def is_idle(self, deployment_id: str, limit: int | None, load: ServerLoad) -> bool:
        """Whether it had no request for `limit` seconds; health checks are no requests."""
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
        """Drop what does not run any more: its time begins anew when it does."""
        for deployment_id in self._quiet.keys() - set(running):
            del self._quiet[deployment_id]
