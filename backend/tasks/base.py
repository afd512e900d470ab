"""What a task is: its name, what it takes and answers, and a small real input to try it with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from backend.domain.model import Modality

InputKind = Literal["json", "image", "audio"]


class Wire(BaseModel):
    """A part of a request body; unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Shown(BaseModel):
    """A part of an answer, as documented in OpenAPI."""

    model_config = ConfigDict(frozen=True)


class Label(Shown):
    """One class and its probability."""

    label: str
    score: float


@dataclass(frozen=True)
class Sample:
    """A real request: `body` is what is sent, `shown` is what a person sees of it."""

    body: bytes
    content_type: str
    shown: object


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task's facts. `request` and `response` document the wire; `parameters` validates it.

    `architectures` are endings of class names in config.json. `sample(seed)` makes another input
    for each seed. With `always_listed` one input is answered as a list of one.
    """

    name: str
    title: str
    summary: str
    modality: Modality
    input: InputKind
    aliases: tuple[str, ...] = ()
    architectures: tuple[str, ...]
    parameters: type[Wire]
    request: type[BaseModel]
    response: Any
    sample: Callable[[int], Sample]
    always_listed: bool = False
    parameters_at_root: bool = False
    can_stream: bool = False
