"""Outermost middleware: request ID, access rules, headers, metrics, and all error responses."""

import asyncio
import contextlib
import logging
import os
import random
import re
import time
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors.base import PlatformError
from backend.errors.inference import ClientGone, ModelLoading
from backend.errors.state import InternalError
from backend.inference.address import errors_above
from backend.inference.config import LINGER_SECONDS
from backend.inference.engine import Timings
from backend.inference.error_bodies import problem_body
from backend.inference.metrics import Metrics
from backend.inference.security import Gate
from backend.inference.state import ServerState
from backend.transport.indexed_headers import IndexedHeaders

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_OWN_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


class Middleware:
    """ASGI middleware around the application, including 404 and 405 of its router."""

    def __init__(self, app: ASGIApp, *, gate: Gate, state: ServerState, metrics: Metrics) -> None:
        self._app = app
        self._gate = gate
        self._state = state
        self._metrics = metrics
        # A generator of its own, since a request may seed those of the process, and seeded here,
        # since a forked server would repeat another's.
        self._ids = random.Random(os.urandom(16))  # noqa: S311 - not secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. WebSockets are rejected: a model server has none."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(
            scope,
            receive,
            send,
            self._gate,
            own_id=f"{self._ids.getrandbits(96):024x}",
            is_last=self._state.is_leaving,
        )
        self._metrics.arrived(scope["path"])
        try:
            self._gate.check_place(scope["path"], exchange.headers)
            if self._gate.is_preflight(scope["method"], exchange.headers):
                await Response(status_code=204)(scope, exchange.receive, exchange.send)
                return
            self._gate.check_key(scope["path"], scope["query_string"], exchange.headers)
            if self._state.phase == "draining" and scope["path"] != "/health":
                raise ModelLoading(
                    "This model server is stopping. Use a new connection.", retry_after=2
                )
            await self._app(scope, exchange.receive, exchange.send)
        except ClientGone:
            exchange.status = 499
        except PlatformError as error:
            await exchange.fail(error)
        except Exception:
            log.exception("request %s failed", exchange.request_id)
            await exchange.fail(InternalError("The request failed inside Slipway."))
        finally:
            self._metrics.left(scope["path"])
            seconds = time.monotonic() - exchange.began
            self._metrics.request(route_of(scope), exchange.status, seconds)


class Exchange:
    """One request and the state of its response; `is_last`: the connection is closed after it."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        gate: Gate,
        *,
        own_id: str,
        is_last: bool,
    ) -> None:
        self.headers = IndexedHeaders(scope)
        self.began = time.monotonic()
        given = self.headers.get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else own_id
        self.status = 500
        self._has_started = False
        self._has_whole_body = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._cors = gate.cors(self.headers)
        self._is_last = is_last
        scope.setdefault("state", {})["headers"] = self.headers

    async def receive(self) -> Message:
        """Forward `receive`; records the end of the body or of the connection."""
        message = await self._receive()
        self._has_whole_body = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Forward `send`; adds the headers of all responses."""
        if message["type"] == "http.response.start":
            self._has_started = True
            self.status = message["status"]
            message["headers"] = self._headers(message["headers"])
        await self._send(message)

    def _headers(self, sent: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers of the route, whose names are in lower case, and those of all responses."""
        headers = [*sent, *_OWN_HEADERS, *self._cors]
        headers.append((b"x-request-id", self.request_id.encode()))
        headers.append((b"server-timing", self._timing().encode()))
        names = {name for name, _ in headers}
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"no-store"))
        if self._is_last and b"connection" not in names:
            headers.append((b"connection", b"close"))
        return headers

    async def fail(self, error: PlatformError) -> None:
        """Send the problem, unless the response has already started."""
        self.status = error.status
        if self._has_started:
            return
        path = self._scope["path"]
        problem = error.problem(instance=None, request_id=self.request_id)
        if (above := errors_above(self._scope)) and problem.type.startswith("/"):
            problem = problem.model_copy(update={"type": f"{above}{problem.type}"})
        body, media_type = problem_body(problem, path)
        response = Response(body, error.status, media_type=media_type)
        if error.retry_after is not None:
            response.headers["retry-after"] = str(max(1, round(error.retry_after)))
        if allow := error.values.get("allow"):
            response.headers["allow"] = str(allow)
        if error.status in {401, 403}:
            response.headers["www-authenticate"] = "Bearer"
        if error.status == 413 and not self._has_whole_body:
            await self._fail_early(response)
        else:
            await response(self._scope, self.receive, self.send)

    async def _fail_early(self, response: Response) -> None:
        """Send a response while the client still sends its body, and continue to read for a moment.

        Closing a connection with unread data resets it, and the response is lost (RFC 9112, 9.6).
        """
        response.headers["connection"] = "close"
        start: Message = {"type": "http.response.start", "status": response.status_code}
        await self.send(start | {"headers": response.raw_headers})
        await self.send({"type": "http.response.body", "body": response.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._has_whole_body:
                    await self.receive()
        await self.send({"type": "http.response.body", "body": b""})

    def _timing(self) -> str:
        timings: Timings | None = self._scope["state"].get("timings")
        total = f"total;dur={1000 * (time.monotonic() - self.began):.2f}"
        if timings is None:
            return total
        parts = {"queue": timings.queue, "tokenize": timings.tokenize, "infer": timings.infer}
        return ", ".join([*(f"{k};dur={1000 * v:.2f}" for k, v in parts.items()), total])


def route_of(scope: Scope) -> str:
    """Template of the matched route; `other` for an unknown path."""
    return scope["state"].get("route", "other")
