"""A client connection over a bare asyncio protocol: keep-alive, one request at a time.

For load generators: it costs less per request than any HTTP library, so that it is not what limits
a fast server. Responses have a Content-Length or are chunked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

END_OF_HEAD = b"\r\n\r\n"
LOOPBACK = "127.0.0.1"
OnPiece = Callable[[bytes], None]


def post(
    path: str,
    body: bytes,
    content_type: str = "application/json",
    *,
    host: str = LOOPBACK,
    key: str | None = None,
) -> bytes:
    """Return a POST request as it is sent; `key` is an API key."""
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\n"
        f"{authorization}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """Return a GET request as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()


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
        self._pieces = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._transport = None
        if self._done is not None and not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    @property
    def is_open(self) -> bool:
        """Whether the server has not closed it."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, on_piece: OnPiece | None = None) -> Response:
        """Send a request and return its response; `on_piece` gets each chunk of a stream.

        Without `on_piece`, chunks are joined. Raises ConnectionError if the server closed it.
        """
        if self._transport is None:
            raise ConnectionError("the server closed the connection")
        self._done = asyncio.get_running_loop().create_future()
        self._on_piece = on_piece
        self._left = None
        self._pieces.clear()
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
            self._read_chunks(self._done)
        elif len(self._buffer) >= (self._left or 0):
            body = bytes(self._buffer[: self._left])
            del self._buffer[: self._left]
            self._done.set_result(Response(self._status, body))

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

    def _read_chunks(self, done: asyncio.Future[Response]) -> None:
        while (end := self._buffer.find(b"\r\n")) >= 0:
            size = int(self._buffer[:end].partition(b";")[0], 16)
            if len(self._buffer) < end + size + 4:
                return
            piece = bytes(self._buffer[end + 2 : end + 2 + size])
            del self._buffer[: end + size + 4]
            if not size:
                done.set_result(Response(self._status, bytes(self._pieces)))
                return
            if self._on_piece is not None:
                self._on_piece(piece)
            else:
                self._pieces += piece


async def connect(port: int, host: str = LOOPBACK) -> Connection:
    """Open a connection. Raises OSError."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, host, port)
    return connection
