"""Store the reports of steps as events: important ones at once, progress 4 times per second."""

import asyncio
import time
from pathlib import Path

from backend.domain.deployment import State, StepState
from backend.domain.events import Event, EventType
from backend.domain.ids import utc_now
from backend.errors import Problem
from backend.pipeline.progress_tracker import ProgressTracker
from backend.progress.journal import Journal
from backend.store.events import Change

BEAT_SECONDS = 0.25
LOG_EVERY_SECONDS = 3.0
_ENDS = frozenset({"step_succeeded", "step_skipped"})


class Reporter:
    """Writes one attempt's events. `generation` rejects writes once a newer attempt exists."""

    def __init__(
        self, tracker: ProgressTracker, journal: Journal[Change], generation: int, log: Path
    ) -> None:
        self.tracker = tracker
        self._journal = journal
        self._generation = generation
        self._log = log
        self._waiting: EventType | None = None
        self._recording = asyncio.Lock()
        self._counted = float("-inf")
        self._stuck_at: object = None
        log.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        """See Report. Buffered until the next beat; only the latest report of a beat is stored."""
        self._say("progress", "running", message, fraction, details)

    def stalled(self, message: str, **details: object) -> None:
        """See Report."""
        self._say("stalled", "stalled", message, None, details)

    def retrying(self, message: str, **details: object) -> None:
        """See Report."""
        self._say("retrying", "running", message, None, details)

    def _say(
        self,
        kind: EventType,
        state: StepState,
        message: str,
        fraction: float | None,
        details: dict[str, object],
    ) -> None:
        if kind == "progress" and self._still_stuck(details):
            return
        current = self.tracker.current
        was = self.tracker.rows[current].state if current else None
        if kind == "progress" and was == "stalled":
            kind = "resumed"
        if message != self.tracker.message and (kind != "progress" or self._may_log(details)):
            self.line(message)
        self.tracker.say(message, fraction, details, state)
        if kind == "stalled":
            self._stuck_at = details.get("bytes_done")
        if kind != "progress" or self._waiting is None:
            self._waiting = kind

    def _still_stuck(self, details: dict[str, object]) -> bool:
        """Whether the report only repeats the byte count at which the step stalled."""
        current = self.tracker.current
        is_stalled = current is not None and self.tracker.rows[current].state == "stalled"
        return (
            is_stalled
            and self._stuck_at is not None
            and details.get("bytes_done") == self._stuck_at
        )

    def _may_log(self, details: dict[str, object]) -> bool:
        """Whether to log a report: those that only count bytes at most every 3 s."""
        if "bytes_done" not in details:
            return True
        now = time.monotonic()
        if now - self._counted < LOG_EVERY_SECONDS:
            return False
        self._counted = now
        return True

    async def beat(self) -> None:
        """Run concurrently with the steps: store buffered reports every 0.25 s."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Store the buffered report."""
        if self._waiting is not None:
            kind, self._waiting = self._waiting, None
            await self._record(self.tracker.event(kind))

    async def emit(
        self,
        kind: EventType,
        message: str | None = None,
        *,
        state: State | None = None,
        problem: Problem | None = None,
        **details: object,
    ) -> Event:
        """Store an event, after the buffered report, together with the state that it sets.

        The end of a step replaces a buffered report of progress, which would say the same.
        """
        if kind in _ENDS and self._waiting == "progress":
            self._waiting = None
        await self.flush()
        if message is not None:
            self.line(message)
        if problem is not None:
            details["problem"] = problem.model_dump(mode="json")
        event = self.tracker.event(kind, message, **details)
        return await self._record(event, state=state, problem=problem)

    async def _record(
        self, event: Event, *, state: State | None = None, problem: Problem | None = None
    ) -> Event:
        async with self._recording:
            change = Change(
                generation=self._generation,
                state=state,
                message=event.message,
                progress=self.tracker.progress(),
                problem=problem,
            )
            return await self._journal.record(event, change)

    def line(self, text: str) -> None:
        """See Report."""
        with self._log.open("a", encoding="utf-8") as file:
            file.write(f"{utc_now()} {self.tracker.current or '-':12} {text}\n")
