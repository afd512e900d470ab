"""The servers of the keeper: its children, and those adopted from a keeper that was killed."""

import contextlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.keeper import cgroup, processes
from backend.keeper.child import DATA_HEADROOM_BYTES, Launch, launch
from backend.keeper.messages import Message


@dataclass(frozen=True, kw_only=True)
class Order:
    """A request to start one server; `may_fork`: from the warm parent, if there is one."""

    server: str
    deployment: str
    folder: Path
    argv: list[str]
    env: dict[str, str]
    cwd: str
    memory_limit_bytes: int | None
    limit_data: bool
    may_fork: bool = False


@dataclass(frozen=True, kw_only=True)
class Held:
    """A live server. An adopted one is watched by `pidfd` or, without one, by its lock."""

    server: str
    deployment: str
    folder: Path
    pid: int
    enforcement: str
    is_child: bool
    pidfd: int | None = None
    group: cgroup.Group | None = None

    @property
    def described(self) -> Message:
        """Its entry in the response to `list`."""
        return {
            "server": self.server,
            "deployment": self.deployment,
            "pid": self.pid,
            "adopted": not self.is_child,
            "enforcement": self.enforcement,
        }


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How a server ended, at Unix time `at`; code and signal are None for an adopted server."""

    server: str
    deployment: str
    exit_code: int | None
    signal: int | None
    at: float
    user_seconds: float | None = None
    system_seconds: float | None = None
    peak_bytes: int | None = None
    oom_kills: int = 0
    left_behind: int = 0


def start(order: Order, listener_fd: int, begin: Callable[[Launch, int], int] = launch) -> Held:
    """Start a server as a child process with `begin`, which returns its pid. Raises CannotStart."""
    group = None
    if order.memory_limit_bytes is not None:
        group = cgroup.create(order.server, order.memory_limit_bytes)
    data_limit = None
    if order.memory_limit_bytes is not None and order.limit_data:
        data_limit = order.memory_limit_bytes + DATA_HEADROOM_BYTES
    how = Launch(
        folder=order.folder,
        argv=order.argv,
        env={**order.env, processes.MARK: order.server},
        cwd=order.cwd,
        data_limit_bytes=data_limit,
        cgroup_procs=group.procs if group else None,
    )
    try:
        pid = begin(how, listener_fd)
    except BaseException:
        if group:
            cgroup.remove(group)
        raise
    held = Held(
        server=order.server,
        deployment=order.deployment,
        folder=order.folder,
        pid=pid,
        enforcement=group.name if group else ("rlimit" if data_limit else "none"),
        is_child=True,
        group=group,
    )
    _remember(held)
    return held


def has_ended(held: Held) -> bool:
    """Whether an adopted server ended; with a pidfd, its subprocess may still hold the lock."""
    if held.pidfd is not None:
        watch = select.poll()
        watch.register(held.pidfd, select.POLLIN)
        return bool(watch.poll(0))
    return not processes.lock_is_held(held.folder / "lock")


def kill(held: Held, number: int) -> None:
    """Signal a server that is safely identified: an unreaped child, a pidfd or a held lock."""
    with contextlib.suppress(ProcessLookupError):
        if held.pidfd is not None:
            signal.pidfd_send_signal(held.pidfd, number)
        elif held.is_child and number == signal.SIGKILL:
            os.killpg(held.pid, number)
        elif held.is_child or processes.lock_is_held(held.folder / "lock"):
            os.kill(held.pid, number)


def take_down(held: Held) -> int:
    """Kill what an ended server left; return the number of processes.

    Call it before reaping a child: until then neither its pid nor its session id is reused.
    """
    session = held.pid if held.is_child else None
    also = cgroup.members(held.group) if held.group else set[int]()
    return processes.kill_left_behind(held.server, session, also)


def finish(
    held: Held, left: int, status: int | None = None, usage: resource.struct_rusage | None = None
) -> Exit:
    """Write `exit.json` for an ended server and release its control group and pidfd."""
    seen = cgroup.evidence(held.group) if held.group else cgroup.MemoryEvidence()
    if held.group:
        cgroup.remove(held.group)
    if held.pidfd is not None:
        os.close(held.pidfd)
    code = os.waitstatus_to_exitcode(status) if status is not None else None
    peak = seen.peak_bytes or (usage.ru_maxrss * 1024 if usage else None)
    record = Exit(
        server=held.server,
        deployment=held.deployment,
        exit_code=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        at=time.time(),
        user_seconds=usage.ru_utime if usage else None,
        system_seconds=usage.ru_stime if usage else None,
        peak_bytes=peak,
        oom_kills=seen.oom_kills,
        left_behind=left,
    )
    _write(held.folder / "exit.json", json.dumps(asdict(record)))
    return record


def remembered_group(folder: Path) -> tuple[str, cgroup.Group | None]:
    """Enforcement and control group that the previous keeper recorded for this server."""
    try:
        value = json.loads((folder / "held.json").read_text())
    except (OSError, ValueError):
        return "none", None
    path = value.get("cgroup")
    group = cgroup.Group(Path(path), int(value["version"])) if path else None
    return str(value.get("enforcement", "none")), group


def _remember(held: Held) -> None:
    group = {"cgroup": str(held.group.path), "version": held.group.version} if held.group else {}
    record: Message = {**held.described, **group}
    _write(held.folder / "held.json", json.dumps(record))


def _write(path: Path, text: str) -> None:
    """Replace the file atomically. A missing directory or full disk must not stop the keeper."""
    partial = path.with_suffix(".partial")
    with contextlib.suppress(OSError):
        partial.write_text(text)
        partial.chmod(0o600)
        partial.replace(path)
