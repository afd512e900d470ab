"""uvicorn's HTTP protocol, with head and body of an answer in one write to the socket.

uvicorn writes them one after the other, which is two packets and two wake-ups of the client.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoinedTransport:
    """A transport that joins the writes of one turn of the event loop.

    A streamed answer is not held back: what one turn wrote leaves before the next one reads.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep until the end of this turn of the event loop."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def writelines(self, data: list[bytes]) -> None:
        """See `write`."""
        self.write(b"".join(data))

    def write_eof(self) -> None:
        """After what is pending."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """After what is pending."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Drop what is pending."""
        self._pending.clear()
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        """Bytes that have not left yet."""
        return self._transport.get_write_buffer_size() + sum(map(len, self._pending))

    def _flush(self) -> None:
        if self._pending:
            data, self._pending = b"".join(self._pending), []
            self._transport.write(data)


class OneWriteProtocol(HttpToolsProtocol):
    """For `uvicorn.Config(http=OneWriteProtocol)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Called by the event loop for each accepted connection."""
        joined = JoinedTransport(transport, asyncio.get_running_loop())
        super().connection_made(cast("asyncio.Transport", joined))
