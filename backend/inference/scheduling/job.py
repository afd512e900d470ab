"""One input that waits for the model, and its result."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.errors.base import PlatformError
from backend.inference.adapters.base import Prepared


@dataclass(frozen=True, kw_only=True)
class Done:
    """The result of `Adapter.forward` for one input, with its time in the queue and in the model.

    `raw` has the type of the adapter, for example logits float32 `[labels]`. Times in seconds; it
    was in the model from `began`, a time of `time.monotonic`, for `took`. All inputs of one group
    have the same `group`, a number, and the same time.
    """

    raw: Any
    waited: float
    began: float
    took: float
    group: int


def seconds_in_model(done: Sequence[Done]) -> float:
    """Seconds during which at least one of the inputs was in the model."""
    total, last = 0.0, 0.0
    for began, end in sorted((one.began, one.began + one.took) for one in done):
        total += max(0.0, end - max(began, last))
        last = max(last, end)
    return total


@dataclass(eq=False)
class Job:
    """One input in the queue; `future` belongs to the event loop `loop`."""

    prepared: Prepared
    future: "asyncio.Future[Done]"
    loop: asyncio.AbstractEventLoop
    arrived: float = field(default_factory=time.monotonic)

    @property
    def rows(self) -> int:
        """Number of rows of the model's input."""
        return max(1, len(self.prepared.rows))

    @property
    def width(self) -> float:
        """Size of a row, as if all rows had the same."""
        return self.prepared.size / self.rows

    def succeed(self, done: Done) -> None:
        """Pass the result to the event loop; called in a model thread."""
        succeed([self], [done])

    def fail(self, error: PlatformError) -> None:
        """Pass the error to the event loop; called in a model thread."""
        self.loop.call_soon_threadsafe(_fail, self.future, error)


def succeed(jobs: Sequence[Job], done: Sequence[Done]) -> None:
    """Pass the results of a group to the event loop of its jobs; called in a model thread.

    All at once, since each call wakes the event loop.
    """
    jobs[0].loop.call_soon_threadsafe(_succeed, jobs, done)


def _succeed(jobs: Sequence[Job], done: Sequence[Done]) -> None:
    for job, result in zip(jobs, done, strict=True):
        if not job.future.done():
            job.future.set_result(result)


def _fail(future: "asyncio.Future[Done]", error: PlatformError) -> None:
    if not future.done():
        future.set_exception(error)
