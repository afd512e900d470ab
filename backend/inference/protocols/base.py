"""What a surface is: one more address of a model server, described well enough to document it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.server import ServerSpec
from backend.errors.request import InvalidRequest
from backend.inference.engine import Engine
from backend.inference.request_parsing import refused

Route = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """The model behind every surface of a server."""

    spec: ServerSpec
    engine: Engine


@dataclass(frozen=True, kw_only=True)
class ProtocolRoute:
    """One address. `request`, `response` and `example` are shown in /openapi.json.

    `also` are further addresses of the same thing, which are routed and not shown. `truncate` says
    how a request lets a long text be cut, for example `set truncate to true`.
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
    example: dict[str, object] | None = None
    can_stream: bool = False
    also: tuple[str, ...] = ()
    truncate: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address. Clients given the URL of /predict put their own path behind it."""
        known = (self.path, *self.also)
        return (*known, *(f"/predict{path}" for path in known))


Body = TypeVar("Body", bound=BaseModel)


def validated(kind: type[Body], value: object) -> Body:
    """A JSON body as `kind`. Raises InvalidRequest, naming fields and never what they hold."""
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refused(error, "#") from None
