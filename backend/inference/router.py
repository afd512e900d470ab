"""Selects the route of a request: one lookup for most paths, patterns for the others.

The layers of FastAPI take longer than everything else around a small model, and no route of a
model server uses what they offer.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from re import Pattern

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router as LifespanRouter
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from backend.errors.request import MethodNotAllowed, NotFound

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """An endpoint of one method; `path` may have parameters, such as `/v2/models/{name}`."""

    path: str
    method: str
    endpoint: Endpoint


class IndexedRequest(Request):
    """A request with the headers that the middleware has read."""

    @property
    def headers(self) -> Headers:
        """See Request."""
        return self.scope["state"]["headers"]


class Router:
    """ASGI application of these routes; the first of two that match is used.

    `not_found` makes the error of an unknown path. The template of the path is in the scope's
    state as `route`, for metrics. Errors are raised, for the middleware to convert to responses.
    """

    def __init__(self, routes: Iterable[Route], not_found: Callable[[str], NotFound]) -> None:
        self._exact: dict[tuple[str, str], Route] = {}
        self._patterns: list[tuple[Pattern[str], Route]] = []
        for route in routes:
            if "{" in route.path:
                self._patterns.append((compile_path(route.path)[0], route))
            else:
                self._exact.setdefault((route.method, route.path), route)
        self._not_found = not_found
        self._lifespan = LifespanRouter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the endpoint and send its response. Raises NotFound and MethodNotAllowed."""
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        # The response to HEAD is that to GET; uvicorn does not send its body.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = self._exact.get((method, scope["path"])) or self._by_pattern(method, scope)
        scope["state"]["route"] = route.path
        response = await route.endpoint(IndexedRequest(scope, receive, send))
        await response(scope, receive, send)

    def _by_pattern(self, method: str, scope: Scope) -> Route:
        """The route whose pattern matches; its parameters are in the scope."""
        path = scope["path"]
        allowed = {known for known, exact in self._exact if exact == path}
        for pattern, route in self._patterns:
            if (match := pattern.match(path)) is None:
                continue
            if route.method == method:
                scope["path_params"] = match.groupdict()
                return route
            allowed.add(route.method)
        if not allowed:
            raise self._not_found(path)
        raise MethodNotAllowed(
            f"{scope['method'][:20]} is not supported by this route.",
            allow=", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))),
        )
