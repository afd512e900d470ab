"""Events of a deployment. They are stored first, then sent; `seq` has no gaps."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.deployment import Progress
from backend.domain.ids import utc_now

EventType = Literal[
    "step_started", "progress", "step_succeeded", "step_skipped", "stalled", "resumed", "retrying",
    "running", "failed", "cancelled", "state_changed", "heartbeat",
]  # fmt: skip
ENDINGS = frozenset({"running", "failed", "cancelled"})


class Event(Value):
    """One event; a `heartbeat` has no `seq` and is not stored."""

    seq: int | None = Field(description="From 1, without a gap; null for a heartbeat.")
    at: str = Field(description="UTC, ISO 8601.")
    type: EventType
    subject: str = Field(description="Subject of the event: the ID of the deployment.")
    deployment_id: str
    current_step: str | None
    percent: float
    completed_steps: int
    total_steps: int = 6
    message: str
    elapsed_seconds: float
    details: dict[str, object] = Field(
        default={},
        description="For example bytes_done, bytes_total, bytes_per_second, eta_seconds, problem.",
    )


def new_event(
    kind: EventType,
    deployment_id: str,
    progress: Progress,
    message: str | None = None,
    **details: object,
) -> Event:
    """Create an event for a deployment with this progress; the store assigns its `seq`."""
    return Event(
        seq=None,
        at=utc_now(),
        type=kind,
        subject=deployment_id,
        deployment_id=deployment_id,
        current_step=progress.current_step,
        percent=progress.percent,
        completed_steps=progress.completed_steps,
        message=message or progress.message,
        elapsed_seconds=progress.elapsed_seconds,
        details=details,
    )
