"""JSON lines with file descriptors over a unix socket: the protocol of the keeper.

Verbs: bind give listener warm start signal list release watch shutdown. A response with `error`
contains an error code; descriptors are sent as ancillary data (SCM_RIGHTS).
"""

import contextlib
import json
import os
import socket
import struct
from collections.abc import Generator
from pathlib import Path
from typing import cast

Message = dict[str, object]
LINE_LIMIT = 1024 * 1024
FDS_PER_MESSAGE = 4
# Received descriptors must not leak into a process that another thread is starting right now.
_RECEIVE_FLAGS = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


@contextlib.contextmanager
def short_path(path: Path) -> Generator[str]:
    """Yield a name of at most 107 bytes, the limit of unix sockets, for a path of any length."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        through = Path(f"/proc/self/fd/{folder}")
        yield str((through if through.exists() else path.parent) / path.name)
    finally:
        os.close(folder)


def connect(path: Path, timeout: float) -> socket.socket:
    """Connect to a unix socket with a timeout in seconds. Raises OSError if nothing listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        with short_path(path) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        raise
    return connection


def send(connection: socket.socket, message: Message, fds: list[int] | None = None) -> None:
    """Send one line, with file descriptors if there are any."""
    data = json.dumps(message).encode() + b"\n"
    sent = socket.send_fds(connection, [data], fds) if fds else 0
    if sent < len(data):
        connection.sendall(data[sent:])


def receive_some(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Receive the data and descriptors that are available; no data means that the peer closed."""
    data, fds, _, _ = socket.recv_fds(connection, 65536, FDS_PER_MESSAGE, _RECEIVE_FLAGS)
    for fd in fds:
        os.set_inheritable(fd, False)
    return data, fds


def receive(connection: socket.socket) -> tuple[Message, list[int]]:
    """Wait for one complete line. Raises ConnectionError if the peer closes before."""
    data = b""
    fds: list[int] = []
    while not data.endswith(b"\n"):
        piece, more = receive_some(connection)
        fds += more
        data += piece
        if not piece or len(data) > LINE_LIMIT:
            for fd in fds:
                os.close(fd)
            message = "the other side closed the connection"
            raise ConnectionError(message)
    return parse(data), fds


def parse(line: bytes) -> Message:
    """Parse one line. Raises ValueError if it is not a JSON object."""
    value = json.loads(line)
    if not isinstance(value, dict):
        text = "not a JSON object"
        raise ValueError(text)
    return cast("Message", value)


def peer(connection: socket.socket) -> tuple[int | None, int | None]:
    """Pid and uid of the peer as the kernel reports them; None on systems without SO_PEERCRED."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None, None
    credentials = connection.getsockopt(socket.SOL_SOCKET, option, 12)
    pid, uid, _ = struct.unpack("3i", credentials)
    return pid, uid
