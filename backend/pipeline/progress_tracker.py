"""Progress of an attempt: the six steps, and percent and time that never decrease."""

import time
from dataclasses import dataclass, field, replace

from backend.domain.deployment import STEP_NAMES, Progress, StepName, StepProgress, StepState
from backend.domain.events import Event, EventType, new_event

ETA_AFTER_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """Progress of one step; `limit`, `estimate` and `elapsed` in seconds."""

    name: StepName
    title: str
    weight: float
    limit: float
    estimate: float | None
    state: StepState = "queued"
    fraction: float = 0.0
    elapsed: float | None = None
    message: str = ""

    @property
    def done(self) -> float:
        """Percentage points that this step contributes."""
        return self.weight * (1.0 if self.state in {"succeeded", "skipped"} else self.fraction)


@dataclass
class ProgressTracker:
    """The progress of one attempt. Owned by its runner; others get frozen values."""

    deployment_id: str
    rows: dict[StepName, Row]
    percent: float = 0.0
    elapsed_before: float = 0.0
    message: str = ""
    details: dict[str, object] = field(default_factory=dict[str, object])
    current: StepName | None = None
    _began: float = field(default_factory=time.monotonic)
    _step_began: float = 0.0

    def resume(self, progress: Progress) -> None:
        """Continue from an interrupted process, so that percent and time do not decrease."""
        self.percent = progress.percent
        self.elapsed_before = progress.elapsed_seconds

    def reweigh(self, weights: dict[StepName, float], estimates: dict[StepName, float]) -> None:
        """Set the plan's weights and estimates (seconds) for the remaining steps."""
        for name, weight in weights.items():
            self.rows[name] = replace(self.rows[name], weight=weight, estimate=estimates[name])

    @property
    def elapsed(self) -> float:
        """Seconds spent on this attempt, over all restarts."""
        return self.elapsed_before + time.monotonic() - self._began

    def begin(self, name: StepName) -> None:
        """Set the current step to running."""
        self.current = name
        self._step_began = time.monotonic()
        self.details = {}
        self._set(name, state="running", fraction=0.0, message=self.rows[name].title)

    def say(
        self, message: str, fraction: float | None, details: dict[str, object], state: StepState
    ) -> None:
        """Update the current step from its report."""
        if self.current is None:
            return
        self.details = details
        row = self.rows[self.current]
        kept = row.fraction if fraction is None else max(row.fraction, min(fraction, 1.0))
        self._set(self.current, state=state, fraction=kept, message=message)

    def end(self, state: StepState, message: str | None = None) -> None:
        """Set the final state of the current step."""
        if self.current is None:
            return
        self.details = {}
        row = self.rows[self.current]
        self._set(self.current, state=state, fraction=row.fraction, message=message or row.message)

    def _set(self, name: StepName, *, state: StepState, fraction: float, message: str) -> None:
        self.message = message
        self.rows[name] = replace(
            self.rows[name],
            state=state,
            fraction=fraction,
            message=message,
            elapsed=time.monotonic() - self._step_began,
        )
        earned = sum(row.done for row in self.rows.values())
        self.percent = min(100.0, max(self.percent, round(earned, 2)))

    @property
    def completed(self) -> int:
        """Number of completed steps."""
        return sum(row.state in {"succeeded", "skipped"} for row in self.rows.values())

    @property
    def eta(self) -> float | None:
        """Remaining seconds, or None if they cannot be estimated."""
        later = [row.estimate for row in self.rows.values() if row.state == "queued"]
        now = self._eta_of_current()
        if now is None or None in later:
            return None
        return now + sum(estimate for estimate in later if estimate is not None)

    def _eta_of_current(self) -> float | None:
        row = self.rows[self.current] if self.current else None
        if row is None or row.state not in {"running", "stalled"}:
            return 0.0
        reported = self.details.get("eta_seconds")
        if isinstance(reported, int | float):
            return float(reported)
        if row.estimate is None or self.elapsed < ETA_AFTER_SECONDS:
            return None
        return max(0.0, row.estimate - (time.monotonic() - self._step_began))

    def progress(self) -> Progress:
        """A frozen snapshot of the progress."""
        eta = self.eta
        return Progress(
            percent=self.percent,
            current_step=self.current,
            completed_steps=self.completed,
            message=self.message,
            elapsed_seconds=round(self.elapsed, 3),
            eta_seconds=None if eta is None else round(eta, 1),
            steps=[
                StepProgress(
                    name=row.name,
                    title=row.title,
                    state=row.state,
                    percent=round(
                        100 * (1.0 if row.state in {"succeeded", "skipped"} else row.fraction), 2
                    ),
                    weight=row.weight,
                    estimate_seconds=row.estimate,
                    timeout_seconds=row.limit,
                    elapsed_seconds=None if row.elapsed is None else round(row.elapsed, 3),
                    message=row.message,
                )
                for row in (self.rows[name] for name in STEP_NAMES)
            ],
        )

    def event(self, kind: EventType, message: str | None = None, **details: object) -> Event:
        """An event with the current progress; the store sets its seq."""
        return new_event(
            kind, self.deployment_id, self.progress(), message, **{**self.details, **details}
        )
