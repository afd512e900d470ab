"""What a surface is: one more address of a model server, described well enough to document it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.server import ServerSpec
from backend.inference.engine import Engine

Route = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Served:
    """The model behind every surface of a server."""

    spec: ServerSpec
    engine: Engine


@dataclass(frozen=True, kw_only=True)
class Surface:
    """One address. `request`, `response` and `example` are shown in /openapi.json.

    `also` are further addresses of the same thing, which are routed and not shown.
    """

    path: str
    summary: str
    make: Callable[[Served], Route]
    method: Literal["GET", "POST"] = "POST"
    request: type[BaseModel] | None = None
    content_type: str = "application/json"
    response: Any
    example: dict[str, object] | None = None
    can_stream: bool = False
    also: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address. Clients given the URL of /predict put their own path behind it."""
        known = (self.path, *self.also)
        return (*known, *(f"/predict{path}" for path in known))
