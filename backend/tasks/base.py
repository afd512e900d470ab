"""What a task is: its name, what it takes and answers, and a small real input to try it with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from backend.domain.model import Modality

InputKind = Literal["json", "image", "audio", "video"]
OutputKind = Literal["json", "image", "audio"]
Json = dict[str, object]


class RequestModel(BaseModel):
    """A part of a request body; unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ResponseModel(BaseModel):
    """A part of an answer, as documented in OpenAPI."""

    model_config = ConfigDict(frozen=True)


class Label(ResponseModel):
    """One class and its probability."""

    label: str
    score: float


_CARRIES: dict[Modality, InputKind] = {
    "vision": "image", "multimodal": "image", "audio": "audio", "video": "video",
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A real request: `body` is what is sent, `shown` is what a person sees of it."""

    body: bytes
    content_type: str
    shown: object


def as_it_is(body: Json) -> Json:
    """For tasks whose clients agree."""
    return body


def fits(config: Mapping[str, object]) -> str | None:
    """For tasks that every model of their kinds can do."""
    del config


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task's facts. `request` and `response` document the wire; `parameters` validates it.

    `kinds` are the auto classes of transformers that load its models, or names of single classes
    (see architectures.json). `input` is what a body is: JSON, or a raw file that may also come as
    base64 in JSON. `sample(seed)` makes another input for each seed. With `always_listed` one input
    is answered as a list of one. `reshape` brings a JSON body that a client of the field sends
    otherwise into the shape of `request`; it gets a copy and may raise catalogue errors. With
    `may_find_nothing` an empty list is an answer like any other. `layers` are those of
    sentence-transformers that it can run, None where it takes no notice of them. `unfit` says of a
    config.json why its model can't do the task though it is of the right kind. `client_method` is
    the method of huggingface_hub's InferenceClient that asks for it, None where there is none.
    """

    name: str
    title: str
    summary: str
    modality: Modality
    input: InputKind
    output: OutputKind = "json"
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...]
    parameters: type[RequestModel]
    request: type[BaseModel]
    response: Any
    sample: Callable[[int], Sample]
    always_listed: bool = False
    parameters_at_root: bool = False
    reshape: Callable[[Json], Json] = as_it_is
    can_stream: bool = False
    may_find_nothing: bool = False
    layers: frozenset[str] | None = None
    unfit: Callable[[Mapping[str, object]], str | None] = fits
    client_method: str | None = None

    @property
    def carries(self) -> InputKind:
        """The heaviest thing in a body, also where it lies in JSON as base64."""
        makes_media = self.input == "json" and self.output != "json"
        return "json" if makes_media else _CARRIES.get(self.modality, "json")

    @property
    def reads_images(self) -> bool:
        """Whether an image processor prepares its input."""
        return self.carries in {"image", "video"}
