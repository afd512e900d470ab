"""Adds an id to every request, and standard headers to every response."""

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")
CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", CSP.encode()),
]
log = structlog.get_logger(__name__)


class RequestIds:
    """ASGI middleware: request id (the caller's, if valid), timing and security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request with an id, and add the headers to the response."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if SANE.fullmatch(sent) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                milliseconds = (time.perf_counter() - began) * 1000
                extra = [
                    (b"x-request-id", request_id.encode()),
                    (b"server-timing", f"total;dur={milliseconds:.1f}".encode()),
                    *SECURITY,
                ]
                message["headers"] = [
                    *headers,
                    *(pair for pair in extra if pair[0] not in present),
                ]
                log.debug(
                    "request",
                    method=scope.get("method"),
                    path=scope["path"],
                    status=message["status"],
                    milliseconds=round(milliseconds, 1),
                    request_id=request_id,
                )
            await send(message)

        await self._app(scope, receive, marked)
