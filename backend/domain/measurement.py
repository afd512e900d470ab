"""Messages of the measurement worker: its job on stdin, its lines on stdout."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.deployment import Candidate
from backend.domain.server import ServerSpec


class MeasurementJob(Value):
    """Candidates to run on the same inputs, on this machine."""

    spec: ServerSpec = Field(description="The server; each candidate replaces its engine settings.")
    candidates: list[Candidate] = Field(
        min_length=1, description="The first is the reference, with which the others are compared."
    )
    seconds: float = Field(gt=0, description="Time for all of them, without loading the first.")


class MeasurementLine(Value):
    """One line from the worker; each has what was measured so far. `done` or `failed` is last."""

    kind: Literal["progress", "done", "failed"]
    message: str = ""
    fraction: float | None = None
    candidates: list[Candidate] = Field(default=[], description="All, in the order of the job.")


def spec_of(spec: ServerSpec, candidate: Candidate) -> ServerSpec:
    """The server that runs this candidate."""
    return spec.model_copy(update=candidate.configuration)
