"""Reject bodies over MAX_REQUEST_MB with 413. Requests to model servers are not limited here.

A load test may carry an image or a sound in base64: it has a larger limit of its own.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import send as send_problem
from backend.errors import PlatformError
from backend.errors.request import PayloadTooLarge
from backend.transport.content_coding import ContentDecoder

LOAD_TEST_BYTES = 16_000_000


class BodyLimit:
    """ASGI middleware that decodes compressed bodies; `limit` is the decoded size in bytes."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check Content-Length, and wrap `receive` to decode and count the body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        limit, name = self._limit, " (MAX_REQUEST_MB)"
        if scope["path"].endswith("/load-tests") and limit < LOAD_TEST_BYTES:
            limit, name = LOAD_TEST_BYTES, ""
        try:
            if declared.isdigit() and int(declared) > limit:
                raise PayloadTooLarge(f"The body is larger than {limit:,} bytes{name}.")
            decoder = ContentDecoder(headers.get("content-encoding", "identity"), limit)
        except PlatformError as error:
            await send_problem(error, scope, receive, send)
            return

        async def decoded() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                message = {**message, "body": decoder.feed(message.get("body", b""))}
                if not message.get("more_body"):
                    decoder.finish()
            return message

        await self._app(_without_coding(scope), decoded, send)


def _without_coding(scope: Scope) -> Scope:
    """The scope without coding and length: the decoded body's length is not known yet."""
    if not any(name == b"content-encoding" for name, _ in scope["headers"]):
        return scope
    dropped = {b"content-encoding", b"content-length"}
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in dropped]}
