"""Messages of the download worker: its job on stdin, its lines on stdout."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.model import ModelFacts

Details = dict[str, str | int | float | None]


class Job(Value):
    """One download. The token is passed here, never in arguments or the environment."""

    model: ModelFacts
    endpoint: str
    token: str | None
    allow_insecure: bool
    cache: str
    temp: str
    memory: str
    stall_seconds: float
    retries: int
    reserve_bytes: int


class Line(Value):
    """One line from the worker.

    `progress`, `stalled` and `retrying` are reported unchanged; `done` or `failed` is the last.
    """

    kind: Literal["progress", "stalled", "retrying", "done", "failed"]
    message: str = ""
    details: Details = Field(default={})


class Failure(Value):
    """A catalogue error, serialized as the message of a `failed` line."""

    code: str
    detail: str
    facts: dict[str, str] = Field(default={})
