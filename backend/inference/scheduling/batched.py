"""Model threads that run groups of waiting inputs, as soon as one of them is free."""

import asyncio
import itertools
import threading
import time
from collections.abc import Sequence
from typing import Any

from backend.errors.base import PlatformError
from backend.errors.inference import GenerationFailed
from backend.inference.adapters.base import Adapter, Prepared
from backend.inference.guard import guarded
from backend.inference.metrics import Metrics
from backend.inference.scheduling.grouping import Limits, choose
from backend.inference.scheduling.job import Done, Job, succeed

ALONE = Limits(rows=1, padded=0)
# Seconds of an input before the first was measured.
_FIRST_GUESS = 0.05


class Batcher:
    """The model threads and their queue.

    `run` is called on the event loop; `Adapter.forward` runs in `parallel` threads, as long as the
    sum of the sizes in the model does not exceed `most_size`. If a group fails, each of its inputs
    runs again alone, so that one input cannot fail others: catalogue errors are raised by `run`,
    any other exception becomes GenerationFailed. `mean_seconds` is the recent time of an input.
    """

    def __init__(
        self,
        adapter: Adapter,
        metrics: Metrics,
        *,
        limits: Limits = ALONE,
        slack: float | None = 0.0,
        parallel: int = 1,
        most_size: int | None = None,
    ) -> None:
        self._adapter = adapter
        self._metrics = metrics
        self.mean_seconds = _FIRST_GUESS
        self._limits = limits
        # Padding that costs as much time as a call of the model, in the unit of `Prepared.size`;
        # None until it is measured.
        self.slack = slack
        self._most_size = most_size
        self._size_now = 0
        # Used on the event loop only, until they are in `_waiting`.
        self._arriving: list[Job] = []
        self._waiting: list[Job] = []
        metrics.queue_depth.set_function(lambda: len(self._waiting))
        self._wakes = threading.Condition()
        self._is_closed = False
        self._busy_since: dict[int, float] = {}
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"model-{number}", daemon=True)
            for number in range(parallel)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, prepared: Sequence[Prepared]) -> list[Done]:
        """Queue all inputs, return results in order; cancellation removes those that still wait."""
        loop = asyncio.get_running_loop()
        jobs = [Job(item, loop.create_future(), loop) for item in prepared]
        self._put(jobs, loop)
        try:
            if len(jobs) == 1:
                return [await jobs[0].future]
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
        """Seconds since a current group started, or since its last token: of the thread with the
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
        """Stop the threads after their current groups."""
        with self._wakes:
            self._is_closed = True
            self._wakes.notify_all()

    def _put(self, jobs: Sequence[Job], loop: asyncio.AbstractEventLoop) -> None:
        """Queue at the end of this iteration of the event loop, with all others that it brings:
        they can share a group, and the model thread is woken once."""
        if not self._arriving:
            loop.call_soon(self._arrive)
        self._arriving.extend(jobs)

    def _arrive(self) -> None:
        jobs, self._arriving = self._arriving, []
        with self._wakes:
            self._waiting.extend(jobs)
            self._wakes.notify(len(jobs))

    def _drop(self, jobs: Sequence[Job]) -> None:
        self._arriving = [job for job in self._arriving if job not in jobs]
        with self._wakes:
            self._remove(jobs)

    def _remove(self, jobs: Sequence[Job]) -> None:
        gone = set(map(id, jobs))
        self._waiting = [job for job in self._waiting if id(job) not in gone]

    def _take(self) -> list[Job]:
        """Wait for inputs; return the next group, empty if the batcher is closed."""
        with self._wakes:
            self._wakes.wait_for(lambda: self._has_room() or self._is_closed)
            if not self._has_room():
                return []
            group = choose(self._waiting, self._limits, self.slack or 0.0)
            if self._most_size is not None:
                self._size_now += sum(job.prepared.size for job in group)
            if len(group) == len(self._waiting):
                self._waiting = []
            else:
                self._remove(group)
            return group

    def _has_room(self) -> bool:
        """Whether the first input that waits may enter the model now."""
        if not self._waiting or self._most_size is None:
            return bool(self._waiting)
        size = self._size_now + self._waiting[0].prepared.size
        return self._size_now == 0 or size <= self._most_size

    def _leave(self, group: Sequence[Job]) -> None:
        if self._most_size is None:
            return
        with self._wakes:
            self._size_now -= sum(job.prepared.size for job in group)
            self._wakes.notify_all()

    def _work(self) -> None:
        ident = threading.get_ident()
        while group := self._take():
            try:
                self._run(group, ident)
            finally:
                self._busy_since.pop(ident, None)
                self._leave(group)

    def _run(self, group: Sequence[Job], ident: int) -> None:
        try:
            self._run_together(group, ident)
        except PlatformError as error:
            if len(group) == 1:
                group[0].fail(error)
                return
        else:
            return
        # Only here, since the error holds the tensors of the group as long as it is handled.
        for job in group:
            if not job.prepared.stop():
                self._run([job], ident)

    def _run_together(self, group: Sequence[Job], ident: int) -> None:
        began = self._busy_since[ident] = time.monotonic()
        with guarded("The model"):
            results: list[Any] = self._adapter.forward([job.prepared for job in group])
        if len(results) != len(group):
            raise GenerationFailed("The model returned a different number of outputs than inputs.")
        took = time.monotonic() - began
        self.mean_seconds = 0.8 * self.mean_seconds + 0.2 * took / len(group)
        self._metrics.batch_size.observe(len(group))
        self._metrics.inference_duration.observe(took)
        number = next(self._numbers)
        done = [
            Done(raw=raw, waited=began - job.arrived, began=began, took=took, group=number)
            for job, raw in zip(group, results, strict=True)
        ]
        for one in done:
            self._metrics.queue_duration.observe(one.waited)
        succeed(group, done)
