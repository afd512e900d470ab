"""Definition of a protocol route: path, handler, and its description for OpenAPI."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.server import ServerSpec
from backend.errors.request import InvalidRequest, NotFound
from backend.inference.engine import Engine
from backend.inference.request_parsing import refused
from backend.tasks import Task

Route = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """The model behind all protocol routes of a server, and the Unix time of its start."""

    spec: ServerSpec
    engine: Engine
    started: int = field(default_factory=lambda: int(time.time()))


@dataclass(frozen=True, kw_only=True)
class ProtocolRoute:
    """One route. `request`, `response` and `example` are shown in /openapi.json.

    `also` are aliases of the path, not shown. `truncate` states how a request enables truncation,
    for example `set truncate to true`. `is_predict`: request and response are those of /predict.
    """

    path: str
    tag: str
    summary: str
    make: Callable[[Served], Route]
    method: Literal["GET", "POST"] = "POST"
    request: type[BaseModel] | None = None
    content_type: str = "application/json"
    response: Any
    response_type: str = "application/json"
    example: dict[str, object] | Callable[[Task], dict[str, object]] | None = None
    can_stream: bool = False
    also: tuple[str, ...] = ()
    truncate: str | None = None
    is_predict: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths. Clients configured with the URL of /predict append their own path to it."""
        known = (self.path, *self.also)
        return (*known, *(f"/predict{path}" for path in known))


def check_name(served: Served, name: str) -> None:
    """Raise NotFound unless the name in a path is that of the model."""
    if name not in {served.spec.name, served.spec.model_id}:
        raise NotFound(f"This server has one model, {served.spec.name!r}.")


Body = TypeVar("Body", bound=BaseModel)


def validated(kind: type[Body], value: object) -> Body:
    """Validate a JSON body. Raises InvalidRequest with names of fields, never with values."""
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refused(error, "#") from None
