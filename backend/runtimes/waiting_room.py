"""Respond for a deployment while it has no ready server: 503 with the reason, at once.

Accepts on a duplicate of the deployment's listening socket, in the control plane's event loop.
"""

import asyncio
import contextlib
import json
import math
import re
import socket
import uuid

from backend.errors import Problem

HEAD_LIMIT = 64 * 1024
HEAD_SECONDS = 10.0
BODY_LIMIT = 2 * 1024 * 1024
BODY_SECONDS = 2.0
ACCEPTS_PER_ROUND = 256
# Delay after a failed accept, for example because file descriptors ran out.
PAUSE_SECONDS = 0.5
REQUEST_ID = re.compile(rb"^x-request-id:[ \t]*([A-Za-z0-9._-]{1,128})[ \t]*\r?$", re.I | re.M)


class WaitingRoom:
    """Owns one duplicate of a listening socket from `open` to `close`."""

    def __init__(self, listener: socket.socket, problem: Problem, estimate_seconds: float) -> None:
        self.listener = listener
        self._problem = problem
        self._ready_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._is_open = False
        self._replies: set[asyncio.Task[None]] = set()
        self._estimate_seconds = estimate_seconds

    async def open(self) -> None:
        """Start accepting connections and responding to them."""
        self.say(self._problem, self._estimate_seconds)
        self._is_open = True
        self._listen()

    def say(self, problem: Problem, estimate_seconds: float) -> None:
        """Set the problem and the estimated time in seconds, which counts down from now."""
        self._problem = problem
        self._ready_at = self._loop.time() + estimate_seconds

    def close(self) -> None:
        """Stop accepting. Connections accepted before still get a response."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self.listener)
            self.listener.close()

    async def abort(self) -> None:
        """Close, and cancel the responses that are still being sent."""
        self.close()
        # A task that is cancelled before its first step would not close its connection.
        await asyncio.sleep(0)
        replies = list(self._replies)
        for reply in replies:
            reply.cancel()
        await asyncio.gather(*replies, return_exceptions=True)

    def _listen(self) -> None:
        if self._is_open:
            self._loop.add_reader(self.listener, self._accept)

    def _accept(self) -> None:
        """Accept all pending connections. Not by asyncio.Server: if it is closed between accept and
        the first step of the handler, it drops the connection without a response."""
        for _ in range(ACCEPTS_PER_ROUND):
            try:
                connection, _ = self.listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._loop.remove_reader(self.listener)
                self._loop.call_later(PAUSE_SECONDS, self._listen)
                return
            connection.setblocking(False)
            task = asyncio.ensure_future(self._reply(connection))
            self._replies.add(task)
            task.add_done_callback(self._replies.discard)

    async def _reply(self, connection: socket.socket) -> None:
        reader = asyncio.StreamReader(HEAD_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, connection)
        except OSError:
            connection.close()
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b""
        with contextlib.suppress(asyncio.LimitOverrunError):
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        writer.write(self._response(head))
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        # A close with unread bytes resets the connection, and the client may lose the response.
        async with asyncio.timeout(BODY_SECONDS):
            read = 0
            while (piece := await reader.read(65536)) and read < BODY_LIMIT:
                read += len(piece)

    def _response(self, head: bytes) -> bytes:
        seconds = max(1.0, self._ready_at - self._loop.time())
        sent = REQUEST_ID.search(head)
        request_id = sent.group(1).decode() if sent else uuid.uuid4().hex
        reply = {
            **self._problem.model_dump(),
            "status": 503,
            "request_id": request_id,
        }
        # Only where waiting helps: a paused deployment has no estimated time.
        wait = ""
        if self._problem.retryable:
            reply["estimated_time"] = round(seconds, 1)
            wait = f"Retry-After: {min(30, math.ceil(seconds))}\r\n"
        body = json.dumps(reply).encode()
        headers = (
            "HTTP/1.1 503 Service Unavailable\r\n"
            "Content-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"{wait}"
            f"X-Request-Id: {request_id}\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        ).encode()
        return headers if head.startswith(b"HEAD ") else headers + body
