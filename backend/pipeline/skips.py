"""Requests to skip the optional part of a running step."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Skips:
    """By deployment; used on the event loop."""

    def __init__(self) -> None:
        self._possible: dict[str, asyncio.Event] = {}

    @contextmanager
    def possible(self, deployment_id: str) -> Generator[asyncio.Event]:
        """Within this context `request` sets the event."""
        event = self._possible[deployment_id] = asyncio.Event()
        try:
            yield event
        finally:
            del self._possible[deployment_id]

    def request(self, deployment_id: str) -> bool:
        """Skip what can be skipped now; false if there is nothing."""
        event = self._possible.get(deployment_id)
        if event is not None:
            event.set()
        return event is not None
