"""The control plane's proxy between a raw client and a raw server, so that every piece is seen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from backend.api.proxy import Proxy, upstream_session
from backend.api.serving import make_server
from backend.api.sockets import listen
from backend.api.upstreams import Upstream
from backend.errors.request import NotFound

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PATIENCE = 20


class One:
    """The only deployment is called `one`."""

    def __init__(self, url: str) -> None:
        self._found = Upstream(name="one", url=url)

    async def find(self, key: str) -> Upstream:
        if key != "one":
            raise NotFound("No such deployment.")
        return self._found


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def proxy_to(serve: Serve) -> AsyncIterator[int]:
    """The port of a proxy before a server that handles each connection with `serve`."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
            await writer.drain()
        finally:
            writer.close()

    upstream = await asyncio.start_server(closing, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    async with upstream_session() as session:
        services: Any = SimpleNamespace(
            upstreams=One(f"http://127.0.0.1:{port}"), upstream_session=session
        )
        bound = listen("127.0.0.1", 0, "TEST")
        server = make_server(Proxy(nothing, "/api/v1", lambda: services), lifespan=False)
        running = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            async with asyncio.timeout(PATIENCE):
                yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            await running
            upstream.close()


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, *length]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def send_request(port: int, sent: bytes) -> bytes:
    """Send, and read until the server has nothing more for a connection that is to be closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent.replace(b"Host:", b"Connection: close\r\nHost:", 1))
    response = await reader.read()
    writer.close()
    return response


async def test_small_request_reaches_server_in_one_packet() -> None:
    pieces: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1 << 20):
            pieces.append(piece)
            writer.write(OK)

    body = b'{"inputs": "x"}'
    async with proxy_to(serve) as port:
        for _ in range(5):
            assert (
                await send_request(port, request("POST", "/d/one/predict", body=body))
            ).endswith(b"{}")
    assert len(pieces) == 5
    assert all(p.startswith(b"POST /predict ") and p.endswith(body) for p in pieces)


@pytest.mark.parametrize("start", ["/d/one", "/api/v1/deployments/one/proxy"])
async def test_path_and_query_are_forwarded_unchanged(start: str) -> None:
    lines: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readline())
        writer.write(OK)

    async with proxy_to(serve) as port:
        await send_request(port, request("GET", f"{start}/v2/a%2Fb%20c/?x=%26&y=1+2"))
    assert lines == [b"GET /v2/a%2Fb%20c/?x=%26&y=1+2 HTTP/1.1\r\n"]


async def test_stream_is_forwarded_chunk_by_chunk() -> None:
    was_read = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await was_read.wait()
        writer.write(b"4\r\nlast\r\n0\r\n\r\n")

    async with proxy_to(serve) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("GET", "/d/one/stream"))
        assert await reader.readuntil(b"first")
        was_read.set()
        assert await reader.readuntil(b"0\r\n\r\n")
        writer.close()


async def test_client_disconnect_closes_upstream_connection() -> None:
    received, left = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        received.set()
        await reader.read()
        left.set()

    async with proxy_to(serve) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("GET", "/d/one/slow"))
        await received.wait()
        writer.close()
        await left.wait()


async def test_truncated_response_stays_truncated() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await writer.drain()
        writer.close()

    async with proxy_to(serve) as port:
        response = await send_request(port, request("GET", "/d/one/stream"))
    assert response.endswith(b"5\r\nfirst\r\n")


async def test_closed_upstream_connection_returns_503_with_retry_after() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with proxy_to(serve) as port:
        response = await send_request(port, request("POST", "/d/one/predict", body=b"{}"))
    assert response.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 2" in response.lower()


async def test_large_upload_is_streamed_and_can_be_rejected_early() -> None:
    size = 8 << 20
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        seen.append(len(await reader.read(1 << 20)))
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!")
        while await reader.read(1 << 20):
            pass

    async with proxy_to(serve) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            request("POST", "/d/one/predict", f"Content-Length: {size}") + bytes(size // 2)
        )
        assert (await reader.readuntil(b"no!")).startswith(b"HTTP/1.1 413")
        writer.close()
    assert 0 < seen[0] < size


async def test_head_returns_headers_without_body() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\nX-One: a\r\nX-One: b\r\n\r\n")

    async with proxy_to(serve) as port:
        response = (await send_request(port, request("HEAD", "/d/one/info"))).lower()
    assert b"content-length: 70" in response
    assert response.count(b"x-one: ") == 2
    assert response.endswith(b"\r\n\r\n")


async def test_unknown_deployment_returns_404_and_other_paths_are_not_proxied() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with proxy_to(serve) as port:
        assert (await send_request(port, request("GET", "/d/two/info"))).startswith(b"HTTP/1.1 404")
        assert (await send_request(port, request("GET", "/api/v1/system"))).startswith(
            b"HTTP/1.1 418"
        )
