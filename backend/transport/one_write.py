"""uvicorn's HTTP protocol with head and body of a response in one write to the socket.

uvicorn itself writes twice, which means two packets and two wake-ups of the client.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoinedTransport:
    """A transport that joins the writes of one iteration of the event loop.

    Streaming is not delayed: what one iteration wrote is sent before the next one reads.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Buffer until the end of this iteration of the event loop."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def writelines(self, data: list[bytes]) -> None:
        """See `write`."""
        self.write(b"".join(data))

    def write_eof(self) -> None:
        """Flush the buffer first."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Flush the buffer first."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Discard the buffer."""
        self._pending.clear()
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        """Bytes that are not sent yet."""
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
