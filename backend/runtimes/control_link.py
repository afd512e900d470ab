"""A persistent connection to a server's control.sock, for liveness probes.

One probe is one non-blocking `send` and `recv`: the response to a probe is read when the next
one is due. A link needs no task, timer or event loop registration.
"""

import contextlib
import json
import socket
from pathlib import Path
from typing import cast

from backend.keeper import messages
from backend.runtimes.liveness import Ping

PING = b'{"verb": "ping"}\n'
REPLY_LIMIT = 64 * 1024


class ControlLink:
    """Owns the connection; `probe` connects and reconnects."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "control.sock"
        self._connection: socket.socket | None = None
        self._received = b""
        self._last = b""
        self._ping: Ping | None = None
        self._requested = False
        self.pid: int | None = None

    def probe(self) -> Ping | None:
        """The response to the last probe, if it arrived; then send the next probe."""
        reply = self._read() if self._connection is not None and self._requested else None
        if reply is not None or not self._requested:
            self._ask()
        return reply

    def close(self) -> None:
        """Close the connection; the next probe reconnects."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._requested = False
        self._received = b""

    def _ask(self) -> None:
        with contextlib.suppress(OSError):
            if self._connection is None:
                self._connection = self._connect()
            self._connection.send(PING)
            self._requested = True
            return
        self.close()

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            with messages.short_path(self._path) as name:
                connection.connect(name)
        except OSError:
            connection.close()
            raise
        self.pid = messages.peer(connection)[0]
        return connection

    def _read(self) -> Ping | None:
        if self._connection is None:
            return None
        try:
            piece = self._connection.recv(REPLY_LIMIT)
        except BlockingIOError:
            return None
        except OSError:
            piece = b""
        self._received += piece
        if not self._received.endswith(b"\n"):
            if not piece or len(self._received) > REPLY_LIMIT:
                self.close()
            return None
        line, self._received = self._received, b""
        if line != self._last or self._ping is None:
            self._last, self._ping = line, _parse(line)
        return self._ping


def _parse(line: bytes) -> Ping:
    """An older server does not know the verb; any response shows that it is alive."""
    try:
        value = json.loads(line)
    except ValueError:
        return Ping()
    if not isinstance(value, dict) or "answered" not in value:
        return Ping()
    status = cast("dict[str, object]", value)
    return Ping(
        answered=int(str(status["answered"])),
        in_flight=int(str(status.get("in_flight", 0))),
        busy_seconds=float(str(status.get("busy_seconds", 0))),
        cpu_seconds=float(str(status.get("cpu_seconds", 0))),
        healthy=bool(status.get("healthy", True)),
    )
