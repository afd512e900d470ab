"""The control socket `run/<server>/control.sock`: identity, readiness, drain and metrics.

It is open before torch is imported, so that a loading server can be queried. Each request and
each response is one line of JSON; a connection may send several requests. `listener` returns the
listening socket. `ping` is the liveness probe: the event loop that serves requests answers it, so
a response proves that this loop runs.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Coroutine
from pathlib import Path
from typing import Protocol

LINE_LIMIT = 64 * 1024
PATIENCE_SECONDS = 5.0


class Controlled(Protocol):
    """Methods behind the control socket. Called on the event loop; must not block."""

    def hello(self) -> dict[str, object]:
        """State (loading, ready, failed, draining), message, problem, loaded_seconds and so on."""
        ...

    def drain(self) -> None:
        """Stop accepting requests, complete those in flight, then exit with 0. Idempotent."""
        ...

    def hand_over(self) -> None:
        """Like `drain`, but its connections are closed with their next response. Idempotent."""
        ...

    def metrics(self) -> bytes:
        """Prometheus metrics of this process, in the text format."""
        ...

    def ping(self) -> dict[str, object]:
        """Data for the liveness probe; called every second, so it must be cheap.

        `answered`: number of completed requests, without health checks. `in_flight`: number of
        requests in progress. `busy_seconds`: time since the model thread started its current batch
        or generated a token, 0 when idle. `cpu_seconds`: CPU time of that thread. `healthy`: false
        when `busy_seconds` exceeds all timeouts.
        """
        ...


class Control:
    """Serves `control.sock`. `nonce` and `server` in responses come from the server directory."""

    def __init__(self, run_dir: Path, listener: socket.socket, server: Controlled) -> None:
        self._run_dir = run_dir
        # A duplicate, since the server closes its own socket when it drains. Not socket.dup(),
        # which would make the shared socket blocking in every process that accepts on it.
        self._listener_fd = os.dup(listener.fileno())
        self._server = server
        self._nonce = (run_dir / "nonce").read_text().strip()
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind the socket and start to respond."""
        self._socket = _bind(self._run_dir)
        self._own(self._accept(self._socket))

    async def close(self) -> None:
        """Stop responding and remove the socket."""
        if self._listener_fd >= 0:
            os.close(self._listener_fd)
            self._listener_fd = -1
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            (self._run_dir / "control.sock").unlink(missing_ok=True)

    def _own(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, bound: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(bound)
            connection.setblocking(False)
            self._own(self._answer(connection))

    async def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError, TimeoutError):
            if not _same_user(connection):
                return
            while True:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._exchange(connection)

    async def _exchange(self, connection: socket.socket) -> None:
        line = await _read_line(connection)
        reply, fds = self._reply(json.loads(line))
        data = json.dumps(reply).encode() + b"\n"
        if fds:
            socket.send_fds(connection, [data], fds)
        else:
            await asyncio.get_running_loop().sock_sendall(connection, data)

    def _reply(self, message: object) -> tuple[dict[str, object], list[int]]:
        verb = message.get("verb") if isinstance(message, dict) else None
        if verb == "ping":
            return self._server.ping(), []
        if verb == "hello":
            who = {"nonce": self._nonce, "pid": os.getpid(), "server": self._run_dir.name}
            return {**self._server.hello(), **who}, []
        if verb == "drain":
            self._server.drain()
            return {}, []
        if verb == "hand_over":
            self._server.hand_over()
            return {}, []
        if verb == "metrics":
            return {"text": self._server.metrics().decode()}, []
        if verb == "listener":
            return {}, [self._listener_fd]
        return {"error": "unknown verb"}, []


async def _read_line(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n"):
        piece = await asyncio.get_running_loop().sock_recv(connection, LINE_LIMIT)
        data += piece
        if not piece or len(data) > LINE_LIMIT:
            message = "no whole line"
            raise ValueError(message)
    return data


def _bind(run_dir: Path) -> socket.socket:
    """Bind through a directory descriptor, since a socket path is limited to 107 bytes."""
    path = run_dir / "control.sock"
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(run_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        short = Path(f"/proc/self/fd/{folder}")
        bound.bind(str((short if short.exists() else run_dir) / "control.sock"))
        path.chmod(0o600)
        bound.listen(64)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    finally:
        os.close(folder)
    return bound


def _same_user(connection: socket.socket) -> bool:
    """Check the user of the peer, on Linux; elsewhere the mode of folder and socket protects it."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))
    return uid == os.getuid()
