"""Process facts from the kernel: session members, processes with a server's mark, held locks.

The mark in the environment never identifies a server; it only finds processes that one left.
"""

import contextlib
import fcntl
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "SLIPWAY_SERVER"
PROC = Path("/proc")
STAT_STATE, STAT_PARENT, STAT_SESSION, STAT_STARTED = 0, 1, 3, 19


@dataclass(frozen=True)
class Process:
    """Fields of /proc/PID/stat; `started` in clock ticks since boot."""

    pid: int
    parent: int
    session: int
    started: int
    is_zombie: bool


def read_process(pid: int) -> Process | None:
    """One process; None if it has ended or the system has no /proc."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return Process(
        pid=pid,
        parent=int(fields[STAT_PARENT]),
        session=int(fields[STAT_SESSION]),
        started=int(fields[STAT_STARTED]),
        is_zombie=fields[STAT_STATE] in {"Z", "X"},
    )


def everyone() -> list[Process]:
    """Every process that is not a zombie; empty on systems without /proc."""
    if not PROC.is_dir():
        return []
    seen = (read_process(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdigit())
    return [process for process in seen if process is not None and not process.is_zombie]


def is_marked(pid: int, server: str) -> bool:
    """Whether the process was started with the server's mark in its environment.

    A forked server shows the environment of the warm parent; its title has the arguments instead.
    """
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
        title = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
    is_server = b"--run-dir" in title and f"/{server}".encode() in title
    return is_server or f"{MARK}={server}".encode() in environment.split(b"\0")


def left_behind(server: str, session: int | None, also: set[int]) -> list[int]:
    """Pids a server left: members of its session, marked processes and `also`.

    Pass None as session if its number may be reused. It is not while its leader is unreaped or a
    member lives.
    """
    own = os.getpid()
    return [
        process.pid
        for process in everyone()
        if process.pid != own
        and (process.session == session or process.pid in also or is_marked(process.pid, server))
    ]


def kill_left_behind(server: str, session: int | None, also: set[int]) -> int:
    """Kill them in at most 40 rounds (a fork bomb may win a round); return how many were seen."""
    seen: set[int] = set()
    for _ in range(40):
        found = [pid for pid in left_behind(server, session, also) if pid != session]
        if not found:
            break
        seen.update(found)
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
    return len(seen)


def lock_is_held(path: Path) -> bool:
    """Whether a live process holds the lock. Takes it for a moment to find out."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(fd)
