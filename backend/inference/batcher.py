"""Runs the model: threads with a bounded queue, which form batches of waiting inputs.

Batches have one input so far. `_take` forms them; larger batches require no other change here or
in the adapters. There is one thread, unless the engine itself batches what arrives meanwhile.
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
    """The result of `Adapter.forward` for one input, with its time in the queue and in the batch.

    `raw` has the type of the adapter, for example logits float32 `[labels]`. Times in seconds.
    """

    raw: Any
    waited: float
    took: float


@dataclass(eq=False)
class Job:
    """One input in the queue; `future` belongs to the event loop `loop`."""

    prepared: Prepared
    future: "asyncio.Future[Done]"
    loop: asyncio.AbstractEventLoop
    arrived: float = field(default_factory=time.monotonic)


class Batcher:
    """The model threads and their queue.

    At most `max_queue` requests wait while others are in the model. `admitted` and `run` are called
    on the event loop; `Adapter.forward` runs in `parallel` threads, in order of arrival, as long as
    the sum of the sizes in the model does not exceed `most_size`. Its catalogue errors are raised
    by `run` for all inputs of the batch; any other exception becomes GenerationFailed.
    """

    def __init__(
        self,
        adapter: Adapter,
        max_queue: int,
        metrics: Metrics,
        *,
        parallel: int = 1,
        most_size: int | None = None,
    ) -> None:
        self._adapter = adapter
        self._metrics = metrics
        self._capacity = max_queue + parallel
        self._most_size = most_size
        self._size_now = 0
        self._waiting: deque[Job] = deque()
        self._wakes = threading.Condition()
        self._is_closed = False
        self._busy_since: dict[int, float] = {}
        self._mean_seconds = 0.05
        self.admitted_now = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"model-{number}", daemon=True)
            for number in range(parallel)
        ]
        for thread in self._threads:
            thread.start()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Reserve a slot for one request, from reading its input to its response.

        Raises Overloaded if all slots are taken; its `retry_after` is an estimate in seconds.
        """
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
        """Queue all inputs, return results in order; cancellation removes those that still wait."""
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
        """Whether all model threads are running."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def busy_seconds(self) -> float:
        """Seconds since a current batch started, or since its last token: of the thread with the
        most; 0 when idle."""
        since = list(self._busy_since.values())
        return time.monotonic() - min(since) if since else 0.0

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the model threads in seconds; shows whether they compute between tokens."""
        clock_of = getattr(time, "pthread_getcpuclockid", None)
        if clock_of is None:
            return 0.0
        alive = [one.ident for one in self._threads if one.ident is not None and one.is_alive()]
        return sum(time.clock_gettime(clock_of(ident)) for ident in alive)

    def beat(self) -> None:
        """Record progress of the calling thread; called for each generated token."""
        self._busy_since[threading.get_ident()] = time.monotonic()

    def close(self) -> None:
        """Stop the threads after their current batches."""
        with self._wakes:
            self._is_closed = True
            self._wakes.notify_all()

    def _put(self, jobs: Sequence[Job]) -> None:
        with self._wakes:
            self._waiting.extend(jobs)
            self._metrics.queue_depth.set(len(self._waiting))
            self._wakes.notify(len(jobs))

    def _drop(self, jobs: Sequence[Job]) -> None:
        gone = set(map(id, jobs))
        with self._wakes:
            self._waiting = deque(job for job in self._waiting if id(job) not in gone)
            self._metrics.queue_depth.set(len(self._waiting))

    def _take(self) -> list[Job]:
        """Wait for inputs; return the next batch, empty if the batcher is closed."""
        with self._wakes:
            self._wakes.wait_for(lambda: self._has_room() or self._is_closed)
            group = [self._waiting.popleft()] if self._waiting and self._has_room() else []
            self._size_now += sum(job.prepared.size for job in group)
            self._metrics.queue_depth.set(len(self._waiting))
            return group

    def _has_room(self) -> bool:
        """Whether the first input that waits may enter the model now."""
        if not self._waiting:
            return False
        size = self._size_now + self._waiting[0].prepared.size
        return self._size_now == 0 or self._most_size is None or size <= self._most_size

    def _leave(self, group: Sequence[Job]) -> None:
        with self._wakes:
            self._size_now -= sum(job.prepared.size for job in group)
            self._wakes.notify_all()

    def _work(self) -> None:
        ident = threading.get_ident()
        while group := self._take():
            began = self._busy_since[ident] = time.monotonic()
            try:
                with guarded("The model"):
                    results = self._adapter.forward([job.prepared for job in group])
                self._count(group, time.monotonic() - began)
                self._hand_over(group, results, began)
            except PlatformError as error:
                for job in group:
                    _resolve_on_loop(job, _fail, error)
            finally:
                self._busy_since.pop(ident, None)
                self._leave(group)

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
