"""Bodies over MAX_REQUEST_MB are 413; what is streamed to a model server does not come here."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import send as send_problem
from backend.errors.request import PayloadTooLarge


class BodyLimit:
    """ASGI middleware; refuses by Content-Length where it is told, else while reading."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        error = PayloadTooLarge(f"The body is larger than {self._limit} bytes (MAX_REQUEST_MB).")
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdigit() and int(told) > self._limit:
            await send_problem(error, scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise error
            return message

        await self._app(scope, counted, send)
