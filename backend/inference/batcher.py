"""Owns the model: one thread, a bounded queue before it, groups of what waits.

Groups have one member so far; the way from waiting inputs to groups is `_take`, and nothing else
here or in the adapters has to change for larger ones.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.errors.base import PlatformError
from backend.errors.inference import GenerationFailed, Overloaded
from backend.inference.adapters.base import Adapter, Prepared
from backend.inference.guard import guarded
from backend.inference.metrics import Metrics


@dataclass(frozen=True, kw_only=True)
class Done:
    """A raw result and where its time went, in seconds."""

    raw: Any
    waited: float
    took: float


@dataclass(eq=False)
class Job:
    """One input on its way; `future` belongs to the event loop."""

    prepared: Prepared
    future: "asyncio.Future[Done]"
    loop: asyncio.AbstractEventLoop
    arrived: float = field(default_factory=time.monotonic)


class Batcher:
    """The model thread and its queue. `max_queue` requests may wait while one is in the model."""

    def __init__(self, adapter: Adapter, max_queue: int, metrics: Metrics) -> None:
        self._adapter = adapter
        self._metrics = metrics
        self._capacity = max_queue + 1
        self._waiting: deque[Job] = deque()
        self._wakes = threading.Condition()
        self._is_closed = False
        self._busy_since: float | None = None
        self._mean_seconds = 0.05
        self.admitted_now = 0
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._thread.start()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A place for one request, from reading its input to its answer. Raises Overloaded."""
        if self.admitted_now >= self._capacity:
            wait = min(60.0, max(1.0, self.admitted_now * self._mean_seconds))
            raise Overloaded(
                f"{self.admitted_now} requests are waiting; the queue is full.",
                retry_after=wait,
            )
        self.admitted_now += 1
        try:
            yield
        finally:
            self.admitted_now -= 1

    async def run(self, prepared: Sequence[Prepared]) -> list[Done]:
        """Answer all inputs, in order. Cancelled: those that still wait are taken out."""
        loop = asyncio.get_running_loop()
        jobs = [Job(item, loop.create_future(), loop) for item in prepared]
        self._put(jobs)
        try:
            return list(await asyncio.gather(*(job.future for job in jobs)))
        except BaseException:
            self._drop(jobs)
            raise

    @property
    def is_alive(self) -> bool:
        """Whether the model thread still runs."""
        return self._thread.is_alive()

    @property
    def busy_seconds(self) -> float:
        """How long the model has been at one group; 0 when idle. Each token starts anew."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the model thread so far: whether it computes while it does not beat."""
        clock_of = getattr(time, "pthread_getcpuclockid", None)
        ident = self._thread.ident
        if clock_of is None or ident is None or not self._thread.is_alive():
            return 0.0
        return time.clock_gettime(clock_of(ident))

    def beat(self) -> None:
        """Called for each generated token: busy, and not stuck."""
        self._busy_since = time.monotonic()

    def close(self) -> None:
        """End the thread after the group it is at."""
        with self._wakes:
            self._is_closed = True
            self._wakes.notify()

    def _put(self, jobs: Sequence[Job]) -> None:
        with self._wakes:
            self._waiting.extend(jobs)
            self._metrics.queue_depth.set(len(self._waiting))
            self._wakes.notify()

    def _drop(self, jobs: Sequence[Job]) -> None:
        gone = set(map(id, jobs))
        with self._wakes:
            self._waiting = deque(job for job in self._waiting if id(job) not in gone)
            self._metrics.queue_depth.set(len(self._waiting))

    def _take(self) -> list[Job]:
        """Wait for work; the next group, or an empty one when closed."""
        with self._wakes:
            self._wakes.wait_for(lambda: self._waiting or self._is_closed)
            group = [self._waiting.popleft()] if self._waiting else []
            self._metrics.queue_depth.set(len(self._waiting))
            return group

    def _work(self) -> None:
        while group := self._take():
            began = self._busy_since = time.monotonic()
            try:
                with guarded("The model"):
                    results = self._adapter.forward([job.prepared for job in group])
                self._count(group, time.monotonic() - began)
                self._hand_over(group, results, began)
            except PlatformError as error:
                for job in group:
                    _resolve_on_loop(job, _fail, error)
            finally:
                self._busy_since = None

    def _count(self, group: Sequence[Job], took: float) -> None:
        self._mean_seconds = 0.8 * self._mean_seconds + 0.2 * took / len(group)
        self._metrics.batch_size.observe(len(group))
        self._metrics.inference_duration.observe(took)

    def _hand_over(self, group: Sequence[Job], results: list[Any], began: float) -> None:
        if len(results) != len(group):
            raise GenerationFailed("The model returned a different number of outputs than inputs.")
        took = time.monotonic() - began
        for job, raw in zip(group, results, strict=True):
            waited = began - job.arrived
            self._metrics.queue_duration.observe(waited)
            _resolve_on_loop(job, _succeed, Done(raw=raw, waited=waited, took=took))


def _resolve_on_loop(job: Job, how: Any, value: object) -> None:
    job.loop.call_soon_threadsafe(how, job.future, value)


def _succeed(future: "asyncio.Future[Done]", done: Done) -> None:
    if not future.done():
        future.set_result(done)


def _fail(future: "asyncio.Future[Done]", error: PlatformError) -> None:
    if not future.done():
        future.set_exception(error)
