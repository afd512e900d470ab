"""Reverse proxy to model servers: for the playground, and for clients that reach only one port.

ASGI middleware before the application's routing, because each request here is also a prediction.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeGuard, cast

import aiohttp
import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

from backend.api.problems import send as send_problem
from backend.api.services import Services
from backend.errors import PlatformError
from backend.errors.inference import ClientGone, ModelLoading
from backend.transport.forwarded import FORWARDED, SERVED_AT, client_url

log = structlog.get_logger(__name__)

# Hop-by-hop headers (RFC 9110 §7.6.1), and those that this proxy sets itself.
HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"date",
        b"server",
        b"host",
        b"origin",
        b"accept-encoding",
        b"expect",
    }
)
# Headers about the client, or that only the control plane may send to a model server.
SET_BY_US = frozenset({b"x-request-id", SERVED_AT, *FORWARDED})
# Bodies up to this size are sent in one write with their headers, both ways; larger are streamed.
SMALL_BYTES = 256 * 1024
CONNECT_SECONDS = 10.0
# Below the keep-alive timeout of a model server (75 s): no connection is used while it closes.
KEEP_ALIVE_SECONDS = 60.0
Body = bytes | AsyncIterator[bytes] | None
NOT_SET_BY_US = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


def upstream_session() -> aiohttp.ClientSession:
    """Client session for model servers: no decompression, cookies, DNS cache or total timeout."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS, use_dns_cache=False
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=NOT_SET_BY_US,
        max_line_size=65_536,
        max_field_size=65_536,
    )


class Proxy:
    """Handles `/d/{name}/{path}` and `{api_prefix}/deployments/{key}/proxy/{path}`."""

    def __init__(
        self,
        app: ASGIApp,
        api_prefix: str,
        services: Callable[[], Services],
        public_url: str | None = None,
    ) -> None:
        self._app = app
        self._services = services
        self._public_url = public_url
        prefix = re.escape(api_prefix)
        self._path = re.compile(
            rf"(?:/d/([^/]{{1,80}})|{prefix}/deployments/([^/]{{1,80}})/proxy)(/.*)", re.DOTALL
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request and stream the response. 503 if no server is ready."""
        found = self._path.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._forward(found[1] or found[2], found[3], scope, receive, send)
        except PlatformError as error:
            await send_problem(error, scope, receive, send)

    async def _forward(
        self, key: str, path: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        services = self._services()
        upstream = await services.upstreams.find(key)
        body = await _body(scope, receive)
        url = f"{upstream.url}{_raw_path(scope, path)}"
        query = scope.get("query_string", b"").decode("latin-1")
        asking = services.upstream_session.request(
            scope["method"],
            URL(f"{url}?{query}" if query else url, encoded=True),
            headers=[*_headers(scope), self._own_url(scope, upstream.name)],
            data=body,
            allow_redirects=False,
        )
        exchange = Exchange(send)
        try:
            await _unless_gone(exchange.run(asking), None if is_streamed(body) else receive)
        except (aiohttp.ClientError, TimeoutError) as error:
            if exchange.has_begun:
                # uvicorn closes a connection whose response is incomplete, as the model server did.
                log.warning("answer_broke_off", name=upstream.name, error=str(error))
                return
            detail = f"The model server of {upstream.name!r} does not respond."
            raise ModelLoading(detail, retry_after=2) from error

    def _own_url(self, scope: Scope, name: str) -> tuple[str, str]:
        """Header that passes the URL of this client's request to the model server."""
        client = client_url(scope)
        printed = f"{self._public_url or client}/d/{name}"
        return SERVED_AT.decode(), f"{printed} {client.path}/d/{name}"


class Exchange:
    """One response to the client; `has_begun` is set when its status was sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def run(self, asking: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> None:
        """Stream the response; send a small one in one piece. Raises ClientError."""
        async with asking as reply:
            length = reply.content_length
            if length is not None and length <= SMALL_BYTES:
                whole = await reply.read()
                await self._begin(reply)
                await self._send({"type": "http.response.body", "body": whole})
                return
            await self._begin(reply)
            async for piece in reply.content.iter_any():
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            await self._send({"type": "http.response.body", "body": b""})

    async def _begin(self, reply: aiohttp.ClientResponse) -> None:
        headers = [(name.lower(), value) for name, value in reply.raw_headers]
        self.has_begun = True
        await self._send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [pair for pair in headers if pair[0] not in HOP],
            }
        )


async def _unless_gone(work: Coroutine[Any, Any, None], receive: Receive | None) -> None:
    """Run `work`; cancel it if the client disconnects, unless `receive` is None."""
    if receive is None:
        await work
        return
    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, watching}, return_when="FIRST_COMPLETED")
        if working.done():
            working.result()
    finally:
        working.cancel()
        watching.cancel()


def _headers(scope: Scope) -> list[tuple[str, str]]:
    """End-to-end headers and the request id, which is the same in both logs."""
    state = cast("dict[str, str]", scope.get("state", {}))
    kept = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
        if name not in HOP and name not in SET_BY_US
    ]
    return [*kept, ("x-request-id", state["request_id"])] if "request_id" in state else kept


def _raw_path(scope: Scope, path: str) -> str:
    """The end of the path as it was sent: escaped characters stay escaped."""
    raw = scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
    # The part before it has as many slashes as in the routed path.
    before = scope["path"].removesuffix(path).count("/")
    parts = raw.split("/")
    return "/" + "/".join(parts[before + 1 :]) if len(parts) > before + 1 else path


def is_streamed(body: Body) -> TypeGuard[AsyncIterator[bytes]]:
    """Whether the body is forwarded while it arrives."""
    return body is not None and not isinstance(body, bytes)


async def _body(scope: Scope, receive: Receive) -> Body:
    """A small body as bytes, to be sent with the headers in one write; else an iterator."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if "transfer-encoding" not in headers and not (length.isdigit() and int(length) > SMALL_BYTES):
        return b"".join([piece async for piece in _pieces(receive)]) if length else None
    return _pieces(receive)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("The client closed the connection before the request was complete.")
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def _gone(receive: Receive) -> None:
    """Return when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
