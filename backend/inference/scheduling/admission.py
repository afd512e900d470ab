"""Admits inputs as long as the queue has room."""

from collections.abc import Callable

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

    def reserve(self, count: int) -> "Reserved":
        """Reserve room for a request with `count` inputs, until the end of the block.

        Raises Overloaded; its `retry_after` is an estimate in seconds.
        """
        if self._now >= self._capacity:
            wait = min(60.0, max(1.0, self._now * self._pace()))
            raise Overloaded(
                f"{self._now} inputs are waiting; the queue is full.", retry_after=wait
            )
        return Reserved(self, count)

    def change(self, count: int) -> None:
        """Count inputs that arrived, or left if the number is negative."""
        self._now += count


class Reserved:
    """Room for a number of inputs, within a `with` block."""

    def __init__(self, admission: Admission, count: int) -> None:
        self._admission = admission
        self._count = count

    def __enter__(self) -> None:
        self._admission.change(self._count)

    def __exit__(self, *_: object) -> None:
        self._admission.change(-self._count)
