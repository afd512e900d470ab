"""The servers that the keeper holds: started by it, or found alive after another keeper's death."""

import contextlib
import json
import os
import resource
import select
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.keeper import cgroup, processes
from backend.keeper.child import DATA_HEADROOM_BYTES, Launch, launch
from backend.keeper.messages import Message


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a client asks to be started."""

    server: str
    deployment: str
    folder: Path
    argv: list[str]
    env: dict[str, str]
    cwd: str
    memory_limit_bytes: int | None
    limit_data: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """A live server. `pidfd` watches one that is not our child; without it the lock is watched."""

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
        """For `list`."""
        return {
            "server": self.server,
            "deployment": self.deployment,
            "pid": self.pid,
            "adopted": not self.is_child,
            "enforcement": self.enforcement,
        }


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How a server ended; code and signal are unknown (null) for one that was not our child."""

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


def start(order: Order, listener_fd: int) -> Held:
    """Start a server as our child. Raises CannotStart."""
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
        pid = launch(how, listener_fd)
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
    """For one that is not our child. A helper that still has the lock does not keep it alive."""
    if held.pidfd is not None:
        watch = select.poll()
        watch.register(held.pidfd, select.POLLIN)
        return bool(watch.poll(0))
    return not processes.lock_is_held(held.folder / "lock")


def kill(held: Held, number: int) -> None:
    """Signal a server that is certainly ours: an unreaped child, or one held by a pidfd."""
    with contextlib.suppress(ProcessLookupError):
        if held.pidfd is not None:
            signal.pidfd_send_signal(held.pidfd, number)
        elif held.is_child and number == signal.SIGKILL:
            os.killpg(held.pid, number)
        elif held.is_child or processes.lock_is_held(held.folder / "lock"):
            os.kill(held.pid, number)


def take_down(held: Held) -> int:
    """Kill what an ended server left; how many. A child must not be reaped yet.

    Until then its number, and that of its session, belong to nobody else.
    """
    session = held.pid if held.is_child else None
    also = cgroup.members(held.group) if held.group else set[int]()
    return processes.kill_left_behind(held.server, session, also)


def finish(
    held: Held, left: int, status: int | None = None, usage: resource.struct_rusage | None = None
) -> Exit:
    """Write how the server ended to `exit.json`, once, and let go of it."""
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
    """Enforcement and group that the keeper before us gave this server."""
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
    """Whole or not at all; a folder that is gone, or a full disk, must not stop the keeper."""
    partial = path.with_suffix(".partial")
    with contextlib.suppress(OSError):
        partial.write_text(text)
        partial.chmod(0o600)
        partial.replace(path)
