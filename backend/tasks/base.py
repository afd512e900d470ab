"""Definition of a task: name, request and response schemas, and a sample request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from backend.domain.model import Modality
from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.tasks.module_rules import is_unused

InputKind = Literal["json", "image", "audio", "video"]
OutputKind = Literal["json", "image", "audio"]
Json = dict[str, object]


class RequestModel(BaseModel):
    """A part of a request body; unknown fields are rejected, types are not converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ResponseModel(BaseModel):
    """A part of a response, as documented in OpenAPI."""

    model_config = ConfigDict(frozen=True)


class Label(ResponseModel):
    """A label and its score."""

    label: str
    score: float


_CARRIES: dict[Modality, InputKind] = {
    "vision": "image", "multimodal": "image", "audio": "audio", "video": "video",
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A valid request: `body` is sent to the server, `shown` is displayed to users."""

    body: bytes
    content_type: str
    shown: object


def as_it_is(body: Json) -> Json:
    """Default of `reshape`: return the body unchanged."""
    return body


def never(parameters: Any) -> bool:
    """Default of `makes_list`: the result of one input is one value."""
    del parameters
    return False


def fits(config: Mapping[str, object]) -> str | None:
    """Default of `unfit`: all models of the task's kinds are supported."""
    del config


@dataclass(frozen=True, kw_only=True)
class Task:
    """Definition of a task. `request` and `response` are for OpenAPI; `parameters` validates.

    - `kinds`: auto classes of transformers that load its models, or single classes (see
      architectures.json)
    - `input`: JSON, or a raw file that may also be sent as base64 in JSON
    - `sample`: returns a different sample request for each seed
    - `always_listed`: the response to a single input is a list of one item
    - `makes_list`: whether, with these parameters, the result of one input is itself a list, which
      is returned without another one around it
    - `reshape`: converts a JSON body of another client to `request`; gets a copy, may raise
      catalogue errors
    - `may_find_nothing`: an empty list is a valid result
    - `modules`: reason why it cannot use a model with these sentence-transformers modules, or
      None; by default they are not used
    - `unfit`: reason why a model with this config.json cannot perform the task, or None
    - `client_method`: method of huggingface_hub's InferenceClient for this task, or None
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
    makes_list: Callable[[Any], bool] = never
    parameters_at_root: bool = False
    reshape: Callable[[Json], Json] = as_it_is
    can_stream: bool = False
    may_find_nothing: bool = False
    modules: Callable[[SentenceTransformersModel], str | None] = is_unused
    unfit: Callable[[Mapping[str, object]], str | None] = fits
    client_method: str | None = None

    @property
    def carries(self) -> InputKind:
        """Media type of the input, also if it is base64 in JSON."""
        makes_media = self.input == "json" and self.output != "json"
        return "json" if makes_media else _CARRIES.get(self.modality, "json")

    @property
    def reads_images(self) -> bool:
        """Whether an image processor prepares the input."""
        return self.carries in {"image", "video"}
