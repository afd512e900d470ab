"""A LocalRuntime on the stub server, with its own folder and ports, that leaves nothing behind."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from backend.domain.paths import Paths
from backend.domain.server import ServerSpec
from backend.keeper.ports import listen
from backend.runtimes.local import LocalRuntime
from backend.runtimes.ports import PortRange
from backend.runtimes.program import ServerProgram

DEADLINE_SECONDS = 20.0


@dataclass
class RecordingReport:
    """A Report that records every message."""

    messages: list[str] = field(default_factory=list)

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        self.messages.append(message)

    def stalled(self, message: str, **details: object) -> None:
        self.messages.append(message)

    def retrying(self, message: str, **details: object) -> None:
        self.messages.append(message)

    def line(self, text: str) -> None:
        self.messages.append(text)


def some_ports(count: int = 20) -> range:
    """All free now, and outside the range that the system takes for outgoing connections."""
    while True:
        first = random.randrange(20_000, 32_000, 50)
        ports = range(first, first + count)
        try:
            for port in ports:
                listen("127.0.0.1", port).close()
        except OSError:
            continue
        return ports


def paths_in(folder: Path) -> Paths:
    return Paths(
        storage=folder / "storage", temp=folder / "tmp", logs=folder / "logs", cache=folder / "hub"
    )


def new_runtime(
    paths: Paths,
    ports: range,
    keeper_idle_seconds: float = 60.0,
    skip: frozenset[int] = frozenset(),
    warm: str | None = None,
) -> LocalRuntime:
    return LocalRuntime(
        paths,
        PortRange(ports.start, ports.stop - 1, skip),
        ServerProgram(
            python=sys.executable,
            module="tests.fakes.stub_server",
            environment=os.environ,
            warm=warm,
        ),
        keeper_idle_seconds=keeper_idle_seconds,
    )


def stub_spec(deployment_id: str = "dep_stub", **changes: object) -> ServerSpec:
    known = {
        "deployment_id": deployment_id,
        "name": "stub",
        "version": 1,
        "generation": 1,
        "model_id": "stub",
        "commit": "0" * 40,
        "model_dir": "/",
        "task": "text-classification",
        "python": sys.executable,
        **changes,
    }
    return ServerSpec.model_validate(known)


@contextlib.asynccontextmanager
async def local_runtime(
    folder: Path, ports: range | None = None, warm: str | None = None
) -> AsyncIterator[LocalRuntime]:
    """Open, and at the end prove that no process of this folder is left."""
    paths = paths_in(folder)
    runtime = new_runtime(paths, ports or some_ports(), warm=warm)
    await runtime.open()
    try:
        yield runtime
    finally:
        await runtime.shutdown(grace=1.0)
    assert await eventually(lambda: processes_of(paths.run) == {}), processes_of(paths.run)


def processes_of(run_dir: Path) -> dict[int, str]:
    """Every living process that has the folder on its command line, or a mark of a server in it."""
    marks = {f"SLIPWAY_SERVER={path.name}".encode() for path in run_dir.glob("srv_*")}
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            environment = set((entry / "environ").read_bytes().split(b"\0"))
            if str(run_dir).encode() in command or environment & marks:
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


def keeper_pid(run_dir: Path) -> int:
    """The keeper of this folder, which must be there, once."""
    pids = [pid for pid, command in processes_of(run_dir).items() if "backend.keeper " in command]
    assert len(pids) == 1, pids
    return pids[0]


async def kill_keeper(run_dir: Path) -> int:
    """kill -9, and wait until it is gone."""
    pid = keeper_pid(run_dir)
    os.kill(pid, signal.SIGKILL)
    assert await eventually(lambda: pid not in processes_of(run_dir))
    return pid


async def eventually(is_so: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> bool:
    """Poll until it is so, or the deadline has passed."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
