"""The model thread of adapters with a running batch, which inputs join and leave at any step."""

import threading
import time
from typing import cast

from backend.errors.base import PlatformError
from backend.inference.adapters.base import Adapter, Continuous, Left, RunningBatch
from backend.inference.guard import guarded
from backend.inference.metrics import Metrics
from backend.inference.scheduling.batched import Batcher
from backend.inference.scheduling.grouping import Limits, choose
from backend.inference.scheduling.job import Done, Job


class _Member:
    """An input in the running batch."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.joined = time.monotonic()
        # Its share of the time of the steps, in seconds.
        self.share = 0.0


class ContinuousBatcher(Batcher):
    """A Batcher whose one model thread also has a running batch.

    As long as the batch has room, inputs that can join do so, the oldest first; then it makes a
    step, and looks at the queue again. Other inputs run in groups as in Batcher; the adapter calls
    back while they run, and the batch makes a step then, so that it never waits for them. If
    the model has no running batch, all inputs run in groups.
    """

    def __init__(self, adapter: Adapter, metrics: Metrics, *, limits: Limits) -> None:
        self._batch: RunningBatch | None = None
        self._members: dict[int, _Member] = {}
        super().__init__(adapter, metrics, limits=limits)

    def _work(self) -> None:
        ident = threading.get_ident()
        adapter = cast("Continuous", self._adapter)
        self._batch = adapter.running_batch(self._limits.rows, self._step)
        while self._wait():
            try:
                self._step()
                if group := self._take_group():
                    self._run(group, ident)
            finally:
                self._busy_since.pop(ident, None)

    def _wait(self) -> bool:
        """Wait for inputs; false if the batcher is closed and the batch is empty."""
        with self._wakes:
            self._wakes.wait_for(lambda: self._waiting or self._members or self._is_closed)
            return bool(self._members) or not self._is_closed

    def _take_group(self) -> list[Job]:
        with self._wakes:
            waiting = [job for job in self._waiting if not self._can_join(job)]
            if not waiting or self._is_closed:
                return []
            group = choose(waiting, self._limits, self.slack or 0.0)
            self._remove(group)
            return group

    def _can_join(self, job: Job) -> bool:
        return self._batch is not None and job.prepared.can_join

    def _step(self) -> None:
        """Let inputs join, and make a step of the running batch."""
        batch = self._batch
        if batch is None:
            return
        while (job := self._next(batch)) is not None:
            self._join(batch, job)
        if not self._members:
            return
        began = time.monotonic()
        self.beat()
        try:
            with guarded("The model"):
                left = batch.step()
        except PlatformError as error:
            batch.clear()
            left = [Left(number=number, error=error) for number in self._members]
        self._record(time.monotonic() - began, batch.rows)
        for one in left:
            self._leave_batch(one)

    def _next(self, batch: RunningBatch) -> Job | None:
        """The oldest input that can join, if there is room for it; removed from the queue."""
        with self._wakes:
            job = next((job for job in self._waiting if self._can_join(job)), None)
            if job is None or self._is_closed or not batch.has_room(job.prepared):
                return None
            self._remove([job])
            return job

    def _join(self, batch: RunningBatch, job: Job) -> None:
        number = next(self._numbers)
        member = self._members[number] = _Member(job)
        self._metrics.queue_duration.observe(member.joined - job.arrived)
        try:
            with guarded("The model"):
                batch.join(number, job.prepared)
        except PlatformError as error:
            self._leave_batch(Left(number=number, error=error))

    def _record(self, seconds: float, rows: int) -> None:
        if rows:
            self._metrics.batch_size.observe(rows)
        for member in self._members.values():
            member.share += seconds / len(self._members)

    def _leave_batch(self, left: Left) -> None:
        member = self._members.pop(left.number)
        if left.error is not None:
            member.job.fail(left.error)
            return
        took = time.monotonic() - member.joined
        self.mean_seconds = 0.8 * self.mean_seconds + 0.2 * member.share
        self._metrics.inference_duration.observe(took)
        member.job.succeed(
            Done(
                raw=left.raw,
                waited=member.joined - member.job.arrived,
                began=member.joined,
                took=took,
                group=left.number,
            )
        )
