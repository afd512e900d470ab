"""Reads JSON bodies strictly: finite numbers, no repeated keys, real UTF-8."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from backend.domain.strict_json import parse


class StrictRequest(Request):
    """A request whose JSON is parsed by our own rules. Raises InvalidSyntax."""

    async def json(self) -> Any:
        """The document; parsed once."""
        if not hasattr(self, "_strict"):
            self._strict = parse(await self.body())
        return self._strict


class StrictRoute(APIRoute):
    """A route that hands StrictRequest to FastAPI's own body handling."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
