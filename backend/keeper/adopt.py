"""Find the servers of a keeper that was killed, and recover their listening sockets."""

import contextlib
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from backend.keeper import messages, ports, processes, servers

REPLY_SECONDS = 0.3


@dataclass(frozen=True)
class Found:
    """A live server; `listener` is None if it was too busy to send it, and is requested later."""

    held: servers.Held
    listener: socket.socket | None


def candidates(run_dir: Path, known: set[str]) -> list[Path]:
    """Directories of servers whose lock is held by a process and that are not in `known`."""
    return [
        folder
        for folder in sorted(run_dir.glob("srv_*"))
        if folder.name not in known and processes.lock_is_held(folder / "lock")
    ]


def adopt(folder: Path) -> Found | None:
    """Adopt a server that is not a child of this keeper. None while it cannot be identified.

    The kernel reports which process listens on the control socket in the server's directory; if
    the lock is still held after that, the pid is that of the server and was not reused.
    """
    try:
        connection = messages.connect(folder / "control.sock", REPLY_SECONDS)
    except OSError:
        return None
    with connection:
        pid, uid = messages.peer(connection)
        if pid is None or uid != os.getuid():
            return None
        pidfd = _watch(pid)
        if not processes.lock_is_held(folder / "lock"):
            if pidfd is not None:
                os.close(pidfd)
            return None
        enforcement, group = servers.remembered_group(folder)
        held = servers.Held(
            server=folder.name,
            deployment=_deployment(folder),
            folder=folder,
            pid=pid,
            enforcement=enforcement,
            is_child=False,
            pidfd=pidfd,
            group=group,
        )
        return Found(held, _ask_listener(connection))


def listener_of(folder: Path, timeout: float) -> socket.socket | None:
    """Request a server's listening socket; None if it does not respond in `timeout` seconds."""
    try:
        with messages.connect(folder / "control.sock", timeout) as connection:
            return _ask_listener(connection)
    except OSError:
        return None


def _ask_listener(connection: socket.socket) -> socket.socket | None:
    try:
        messages.send(connection, {"verb": "listener"})
        _, fds = messages.receive(connection)
    except (OSError, ValueError):
        return None
    given = [socket.socket(fileno=fd) for fd in fds]
    if len(given) == 1 and ports.is_listening(given[0]):
        given[0].setblocking(False)
        return given[0]
    for other in given:
        other.close()
    return None


def _watch(pid: int) -> int | None:
    with contextlib.suppress(OSError, AttributeError):
        return os.pidfd_open(pid)
    return None


def _deployment(folder: Path) -> str:
    try:
        return str(json.loads((folder / "spec.json").read_text())["deployment_id"])
    except (OSError, ValueError, KeyError):
        return ""
