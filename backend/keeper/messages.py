"""JSON lines with descriptors over a unix socket: what the keeper and its clients speak.

Verbs: bind give listener start signal list release watch shutdown. An answer with `error` names
what went wrong by a code; descriptors travel beside the line (SCM_RIGHTS).
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
    """A name of a socket short enough to bind or connect (107 bytes), whatever folder it is in."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        through = Path(f"/proc/self/fd/{folder}")
        yield str((through if through.exists() else path.parent) / path.name)
    finally:
        os.close(folder)


def connect(path: Path, timeout: float) -> socket.socket:
    """Connect to a unix socket; OSError when nobody is there."""
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
    """Send one line, with descriptors if there are any."""
    data = json.dumps(message).encode() + b"\n"
    sent = socket.send_fds(connection, [data], fds) if fds else 0
    if sent < len(data):
        connection.sendall(data[sent:])


def receive_some(connection: socket.socket) -> tuple[bytes, list[int]]:
    """What is there now; nothing means that the other side has closed."""
    data, fds, _, _ = socket.recv_fds(connection, 65536, FDS_PER_MESSAGE, _RECEIVE_FLAGS)
    for fd in fds:
        os.set_inheritable(fd, False)
    return data, fds


def receive(connection: socket.socket) -> tuple[Message, list[int]]:
    """Wait for one whole line; ConnectionError when the other side closes before."""
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
    """One line as a message; ValueError if it is not an object."""
    value = json.loads(line)
    if not isinstance(value, dict):
        text = "not a JSON object"
        raise ValueError(text)
    return cast("Message", value)


def peer(connection: socket.socket) -> tuple[int | None, int | None]:
    """Pid and uid of the other side as the kernel knows them; None where it does not tell."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None, None
    credentials = connection.getsockopt(socket.SOL_SOCKET, option, 12)
    pid, uid, _ = struct.unpack("3i", credentials)
    return pid, uid
