"""The client: keep-alive connections over a bare asyncio protocol, on uvloop.

It costs less per request than any HTTP library, so that it is not what limits a fast server; the
part `http` measures it alone. Responses have a Content-Length or are chunked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from benchmarks.figures import median, percentile

END_OF_HEAD = b"\r\n\r\n"
PATIENCE_SECONDS = 300.0
OnPiece = Callable[[bytes], None]


def post(path: str, body: bytes, content_type: str = "application/json") -> bytes:
    """Return a POST request as it is sent."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """Return a GET request as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@dataclass(frozen=True)
class Response:
    """Status and body; the body of a response that was read piece by piece is empty."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._done: asyncio.Future[Response] | None = None
        self._on_piece: OnPiece | None = None
        self._status = 0
        self._left: int | None = None  # bytes of the body; None: the head is not complete
        self._is_chunked = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    async def exchange(self, request: bytes, on_piece: OnPiece | None = None) -> Response:
        """Send a request and return its response; `on_piece` gets each chunk of a stream."""
        assert self._transport is not None
        self._done = asyncio.get_running_loop().create_future()
        self._on_piece = on_piece
        self._left = None
        self._transport.write(request)
        return await self._done

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._buffer += data
        if self._done is None or self._done.done():
            return
        if self._left is None and not self._read_head():
            return
        if self._is_chunked:
            self._read_chunks()
        elif len(self._buffer) >= (self._left or 0):
            self._finish(bytes(self._buffer[: self._left]))
            del self._buffer[: self._left]

    def _read_head(self) -> bool:
        end = self._buffer.find(END_OF_HEAD)
        if end < 0:
            return False
        head = bytes(self._buffer[:end]).lower()
        del self._buffer[: end + 4]
        self._status = int(head[9:12])
        self._is_chunked = b"\r\ntransfer-encoding: chunked" in head
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        self._left = int(length or 0)
        return True

    def _read_chunks(self) -> None:
        while (end := self._buffer.find(b"\r\n")) >= 0:
            size = int(self._buffer[:end].partition(b";")[0], 16)
            if len(self._buffer) < end + size + 4:
                return
            piece = bytes(self._buffer[end + 2 : end + 2 + size])
            del self._buffer[: end + size + 4]
            if not size:
                self._finish(b"")
                return
            if self._on_piece is not None:
                self._on_piece(piece)

    def _finish(self, body: bytes) -> None:
        assert self._done is not None
        self._done.set_result(Response(self._status, body))


async def connect(port: int) -> Connection:
    """Open a connection to a port of the loopback interface."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


@dataclass
class Load:
    """Latencies of all requests in seconds, total duration in seconds, and failed requests."""

    latencies: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    errors: int = 0

    @property
    def rate(self) -> float:
        """Successful requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def p50_ms(self) -> float:
        """Median latency in milliseconds."""
        return 1000 * median(self.latencies)

    @property
    def p99_ms(self) -> float:
        """99th percentile of the latency in milliseconds."""
        return 1000 * percentile(self.latencies, 0.99)


async def _worker(port: int, requests: Iterator[bytes], load: Load) -> None:
    connection = await connect(port)
    try:
        for request in requests:
            began = time.perf_counter()
            response = await connection.exchange(request)
            if response.status == 200:
                load.latencies.append(time.perf_counter() - began)
            else:
                load.errors += 1
    finally:
        connection.close()


async def _closed_loop(port: int, requests: Iterator[bytes], concurrency: int) -> Load:
    load = Load()
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(_worker(port, requests, load))
    load.seconds = time.perf_counter() - began
    return load


def run_all(port: int, requests: Sequence[bytes], concurrency: int) -> Load:
    """Send each request once, `concurrency` at a time, and wait for all responses."""
    return uvloop.run(_closed_loop(port, iter(requests), concurrency))


def run_for(port: int, request: bytes, concurrency: int, seconds: float) -> Load:
    """Repeat one request for some seconds, `concurrency` at a time."""
    return uvloop.run(_closed_loop(port, _until(seconds, request), concurrency))


def _until(seconds: float, request: bytes) -> Iterator[bytes]:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield request


async def _once(port: int, request: bytes) -> Response:
    connection = await connect(port)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await connection.exchange(request)
    finally:
        connection.close()


def fetch(port: int, request: bytes) -> Response:
    """Send one request and return its response."""
    return uvloop.run(_once(port, request))
