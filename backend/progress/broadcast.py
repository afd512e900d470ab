"""Broadcasts stored events to all watchers; a slow watcher is dropped instead of awaited."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from backend.domain.events import Event

QUEUE_SIZE = 256


class SlowWatcher(Exception):
    """The watcher did not read in time; it must reconnect with `after`."""


class Watch:
    """The bounded queue of one watcher."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_SIZE)
        self._overflow = asyncio.Event()

    def offer(self, event: Event) -> None:
        """Enqueue the event, or mark the watcher as too slow."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overflow.set()

    async def next(self, timeout: float) -> Event | None:
        """The next event; None after `timeout` seconds without one. Raises SlowWatcher."""
        if self._overflow.is_set():
            raise SlowWatcher
        try:
            async with asyncio.timeout(timeout):
                return await self._queue.get()
        except TimeoutError:
            return None


class Broadcast:
    """The watchers of each subject."""

    def __init__(self) -> None:
        self._watches: dict[str, set[Watch]] = {}

    def send(self, event: Event) -> None:
        """Enqueue the event for all watchers of its subject; never blocks."""
        for watch in self._watches.get(event.subject, ()):
            watch.offer(event)

    @contextmanager
    def watch(self, subject: str) -> Generator[Watch]:
        """Watch from now on. Read earlier events from the store."""
        watch = Watch()
        self._watches.setdefault(subject, set()).add(watch)
        try:
            yield watch
        finally:
            watches = self._watches[subject]
            watches.discard(watch)
            if not watches:
                del self._watches[subject]

    def count(self) -> int:
        """Number of watchers."""
        return sum(len(watches) for watches in self._watches.values())
