"""Strict parsing of JSON bodies: finite numbers, no duplicate keys, valid UTF-8."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from backend.domain.strict_json import parse


class StrictRequest(Request):
    """A request with strict JSON parsing. Raises InvalidSyntax."""

    async def json(self) -> Any:
        """The parsed body; parsed once, then cached."""
        if not hasattr(self, "_strict"):
            self._strict = parse(await self.body())
        return self._strict


class StrictRoute(APIRoute):
    """A route that passes a StrictRequest to FastAPI's body handling."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route handler."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
