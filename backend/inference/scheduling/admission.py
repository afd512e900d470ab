"""Admits inputs as long as the queue has room."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backend.errors.inference import Overloaded


class Admission:
    """Counts the inputs of all requests in progress, from reading them to their responses.

    A request is admitted while fewer than `capacity` inputs are in progress, whatever its own
    number: otherwise one with more inputs than that would never be admitted. `pace` returns the
    recent seconds of an input in the model. Used on the event loop.
    """

    def __init__(self, capacity: int, pace: Callable[[], float]) -> None:
        self._capacity = capacity
        self._pace = pace
        self._now = 0

    @contextmanager
    def reserve(self, count: int) -> Iterator[None]:
        """Reserve room for a request with `count` inputs, until its response.

        Raises Overloaded; its `retry_after` is an estimate in seconds.
        """
        if self._now >= self._capacity:
            wait = min(60.0, max(1.0, self._now * self._pace()))
            raise Overloaded(
                f"{self._now} inputs are waiting; the queue is full.", retry_after=wait
            )
        self._now += count
        try:
            yield
        finally:
            self._now -= count
