"""Model servers that are forked from the warm parent, and what happens without it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from backend.runtimes.keeper_client import KeeperClient
from backend.runtimes.local import LocalRuntime
from backend.runtimes.program import ServerProgram
from backend.runtimes.warm_start import PARENT, WarmStart
from tests.fakes.control_plane import ROOT, running_plane
from tests.fakes.local_runtime import (
    RecordingReport,
    eventually,
    kill_keeper,
    local_runtime,
    paths_in,
    processes_of,
    some_ports,
    stub_spec,
)

STUBS = "tests.fakes.warm_stubs"
HTTP = httpx.Client(timeout=60)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[LocalRuntime]:
    async with local_runtime(tmp_path, some_ports(12), f"{STUBS}.forks") as opened:
        yield opened


def pid_at(url: str) -> int:
    return int(HTTP.get(url).json()["pid"])


def is_forked(pid: int) -> bool:
    """The kernel shows the environment that a process was executed with: here the parent's."""
    return b"SLIPWAY_SERVER=" not in Path(f"/proc/{pid}/environ").read_bytes()


def parent_pid(run_dir: Path) -> int:
    [found] = [pid for pid, line in processes_of(run_dir).items() if "keeper.warm_parent" in line]
    return found


async def test_forked_server_is_a_process_of_its_own(runtime: LocalRuntime, tmp_path: Path) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    pid = pid_at(handle.url)
    assert is_forked(pid)
    server, parent = psutil.Process(pid), psutil.Process(parent_pid(paths_in(tmp_path).run))
    assert server.ppid() == parent.ppid(), "the keeper is the parent of both"
    assert os.getsid(pid) == pid
    assert server.cmdline()[1:3] == ["-m", "tests.fakes.stub_server"]
    assert (
        paths_in(tmp_path).run / handle.ref["servers"] / "server.log"
    ).stat().st_mode & 0o77 == 0
    os.kill(pid, signal.SIGKILL)
    status = await runtime.wait(handle)
    assert (status.state, status.signal) == ("exited", signal.SIGKILL)


async def test_forked_server_inherits_what_a_fresh_one_does(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    forked = pid_at((await runtime.start(stub_spec(), RecordingReport())).url)
    own = stub_spec("dep_own", env={"STUB_MODE": "ok"})
    fresh = pid_at((await runtime.start(own, RecordingReport())).url)
    assert (is_forked(forked), is_forked(fresh)) == (True, False)
    parent = parent_pid(paths_in(tmp_path).run)
    assert not connections(forked) & connections(parent)
    for name in ("SigIgn", "SigBlk", "NoNewPrivs"):
        assert status_of(forked, name) == status_of(fresh, name), name


def connections(pid: int) -> set[str]:
    """Open sockets and pipes, by the kernel's numbers."""
    links = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    return {link for link in links if link.startswith(("socket:", "pipe:"))}


def status_of(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}:"))


async def test_many_servers_start_at_once_and_stop(runtime: LocalRuntime) -> None:
    specs = [stub_spec(f"dep_{number}") for number in range(10)]
    handles = await asyncio.gather(*(runtime.start(spec, RecordingReport()) for spec in specs))
    pids = [pid_at(handle.url) for handle in handles]
    assert len(set(pids)) == 10
    assert all(map(is_forked, pids))
    await asyncio.gather(*(runtime.stop(handle) for handle in handles))
    assert not any(map(psutil.pid_exists, pids))


async def test_own_environment_means_a_process_from_the_start(runtime: LocalRuntime) -> None:
    handle = await runtime.start(stub_spec(env={"STUB_MODE": "ok"}), RecordingReport())
    assert not is_forked(pid_at(handle.url))


async def test_servers_outlive_the_parent_and_another_takes_its_place(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    first = await runtime.start(stub_spec(), RecordingReport())
    parent = parent_pid(paths_in(tmp_path).run)
    os.kill(parent, signal.SIGKILL)
    second = await runtime.start(stub_spec("dep_second"), RecordingReport())
    assert pid_at(first.url) != pid_at(second.url)
    assert parent not in processes_of(paths_in(tmp_path).run)
    assert not psutil.pid_exists(parent), "the keeper reaped it"


async def test_servers_outlive_the_keeper(runtime: LocalRuntime, tmp_path: Path) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    pid = pid_at(handle.url)
    parent = parent_pid(paths_in(tmp_path).run)
    await kill_keeper(paths_in(tmp_path).run)
    run_dir = paths_in(tmp_path).run
    assert await eventually(lambda: parent not in processes_of(run_dir)), "it ends with the keeper"
    assert (await runtime.status(handle)).state == "running"
    assert pid_at(handle.url) == pid
    await runtime.stop(handle)
    assert pid not in processes_of(paths_in(tmp_path).run)


async def test_another_version_of_the_code_gets_a_parent_of_its_own(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    await runtime.start(stub_spec(), RecordingReport())
    run_dir = paths_in(tmp_path).run
    old = parent_pid(run_dir)
    keeper = KeeperClient(run_dir, sys.executable, os.environ)
    order = {
        "argv": [sys.executable, "-m", PARENT, f"{STUBS}.forks", str(run_dir)],
        "env": {"SLIPWAY_CODE": "newer"}, "cwd": str(ROOT), "idle_seconds": 600.0,
    }  # fmt: skip
    assert (await keeper.request("warm", **order))["state"] == "starting"
    assert await eventually(lambda: old not in processes_of(run_dir))
    assert parent_pid(run_dir) != old


async def test_keeper_that_does_not_know_the_parent_starts_servers_afresh(tmp_path: Path) -> None:
    """As one of an older version, which outlives the control plane that started it."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b'{"error": "bad-request", "message": "no verb"}\n')
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(refuse, tmp_path / "keeper.sock"):
        program = ServerProgram(python=sys.executable, module="stub", environment=os.environ)
        keeper = KeeperClient(tmp_path, sys.executable, os.environ)
        assert not await WarmStart(keeper, program, "stub.warm", str(tmp_path)).is_ready()


@pytest.mark.parametrize("stub", ["exits", "threads"])
async def test_without_a_parent_servers_start_afresh(stub: str, tmp_path: Path) -> None:
    async with local_runtime(tmp_path, warm=f"{STUBS}.{stub}") as runtime:
        handle = await runtime.start(stub_spec(), RecordingReport())
        assert not is_forked(pid_at(handle.url))
        assert not any(
            "warm_parent" in line for line in processes_of(paths_in(tmp_path).run).values()
        )


def test_forked_processes_have_random_generators_of_their_own() -> None:
    script = """
import os, random
import numpy, torch
from backend.inference.warm import reseed
for _ in range(2):
    if os.fork() == 0:
        reseed()
        print(random.random(), numpy.random.rand(), torch.rand(1).item(), flush=True)
        os._exit(0)
    os.wait()
"""
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    one, other = made.stdout.splitlines()
    assert not set(one.split()) & set(other.split())


def test_real_servers_are_forked_and_predict_the_same_as_a_fresh_one(tmp_path: Path) -> None:
    body = {"inputs": ["A lovely day.", "It broke."]}
    with running_plane(tmp_path / "warm") as plane:
        found: list[object] = []
        for name in ("one", "two"):
            plane.deploy("sentiment", source="starter", name=name)
            running = plane.wait(name, "running", "failed")
            found.append(HTTP.post(running["endpoint"], json=body).json())
        assert all(map(is_forked, plane.server_pids()))
        assert len(plane.server_pids()) == 2
        plane.deploy("sentiment", source="starter", name="own", serving={"env": {"MINE": "1"}})
        running = plane.wait("own", "running", "failed")
        assert found == [HTTP.post(running["endpoint"], json=body).json()] * 2
        assert sorted(map(is_forked, plane.server_pids())) == [False, True, True]
