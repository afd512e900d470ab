"""What a model server may do, and what is left of it afterwards: helpers, memory, logs, secrets."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from backend.errors import PlatformError
from backend.errors.capacity import NoFreePort, PortTaken
from backend.errors.model import MissingLibrary
from backend.errors.server import OutOfMemory, ServerDied
from backend.keeper.ports import listen
from backend.runtimes.local import LocalRuntime
from tests.fakes.local_runtime import (
    RecordingReport,
    eventually,
    local_runtime,
    new_runtime,
    paths_in,
    processes_of,
    some_ports,
    stub_spec,
)


@pytest.fixture
def ports() -> range:
    return some_ports(3)


@pytest.fixture
async def runtime(tmp_path: Path, ports: range) -> AsyncIterator[LocalRuntime]:
    async with local_runtime(tmp_path, ports) as opened:
        yield opened


async def pid_at(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return int((await client.get(url)).json()["pid"])


def read_proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


@pytest.mark.parametrize("mode", ["helpers", "escape"])
async def test_child_processes_end_with_server(
    runtime: LocalRuntime, tmp_path: Path, mode: str
) -> None:
    handle = await runtime.start(stub_spec(env={"STUB_MODE": mode}), RecordingReport())
    other = await runtime.start(stub_spec("dep_other"), RecordingReport())
    run_dir = paths_in(tmp_path).run
    before = len(processes_of(run_dir))
    await runtime.stop(handle)
    left = processes_of(run_dir)
    # Keeper and the other server; two or three of the one that was stopped are gone.
    assert len(left) == 2, left
    assert before > 3
    assert (await runtime.status(other)).state == "running"


async def test_child_processes_of_killed_server_end(runtime: LocalRuntime, tmp_path: Path) -> None:
    handle = await runtime.start(stub_spec(env={"STUB_MODE": "helpers"}), RecordingReport())
    os.kill(await pid_at(handle.url), 9)
    assert (await asyncio.wait_for(runtime.wait(handle), 10)).signal == 9
    assert await eventually(lambda: len(processes_of(paths_in(tmp_path).run)) == 1)


async def test_cancelled_start_leaves_no_process_and_no_port(
    runtime: LocalRuntime, tmp_path: Path, ports: range
) -> None:
    start = asyncio.ensure_future(
        runtime.start(stub_spec(env={"STUB_MODE": "hang"}), RecordingReport())
    )
    run_dir = paths_in(tmp_path).run
    assert await eventually(lambda: len(processes_of(run_dir)) == 2)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(start, 5)
    assert len(processes_of(run_dir)) == 1
    listen("127.0.0.1", ports.start).close()


@pytest.mark.parametrize(
    ("mode", "kind", "reason"),
    [
        ("crash", ServerDied, "exited with code 1"),
        ("segfault", ServerDied, "killed by signal 11 (SIGSEGV)"),
        ("missing-library", MissingLibrary, "'sentencepiece'"),
        ("problem", PlatformError, "The stub has no model."),
    ],
)
async def test_failed_start_reports_reason_and_releases_port(
    runtime: LocalRuntime, ports: range, mode: str, kind: type[PlatformError], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        await asyncio.wait_for(
            runtime.start(stub_spec(env={"STUB_MODE": mode}), RecordingReport()), 15
        )
    assert reason in caught.value.problem().detail
    listen("127.0.0.1", ports.start).close()


async def test_log_of_failed_start_is_readable_until_forget(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    with pytest.raises(ServerDied):
        await runtime.start(stub_spec(env={"STUB_MODE": "crash"}), RecordingReport())
    assert await runtime.last_log("dep_stub", 5) == ["Traceback: the stub was told to crash"]
    await runtime.forget("dep_stub")
    assert await runtime.last_log("dep_stub", 5) == []
    assert list(paths_in(tmp_path).run.glob("srv_*")) == []


async def test_server_over_memory_limit_raises_out_of_memory(
    runtime: LocalRuntime,
) -> None:
    greedy = stub_spec(env={"STUB_MODE": "greedy"}, memory_limit_bytes=100_000_000)
    with pytest.raises(OutOfMemory):
        await asyncio.wait_for(runtime.start(greedy, RecordingReport()), 30)


async def test_server_environment_has_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_TOKEN", "HUGGINGFACE_TOKEN", "API_KEY", "DATABASE_URL", "AWS_SECRET_KEY"):
        monkeypatch.setenv(name, "CANARY")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with local_runtime(tmp_path) as runtime:
        handle = await runtime.start(stub_spec(env={"MINE": "yes"}), RecordingReport())
        for pid in processes_of(paths_in(tmp_path).run):
            seen = psutil.Process(pid).environ()
            assert "CANARY" not in seen.values()
            assert seen["HTTPS_PROXY"] == "http://127.0.0.1:9"
        server = psutil.Process(await pid_at(handle.url))
        assert server.environ()["MINE"] == "yes"
        assert server.environ()["HF_HUB_OFFLINE"] == "1"
        assert "NoNewPrivs:\t1" in read_proc(server.pid, "status")
        assert read_proc(server.pid, "oom_score_adj").strip() == "500"


async def test_run_directory_is_private(runtime: LocalRuntime, tmp_path: Path) -> None:
    await runtime.start(stub_spec(), RecordingReport())
    run_dir = paths_in(tmp_path).run
    (server,) = run_dir.glob("srv_*")
    private = [run_dir, server, run_dir / "keeper.sock", *server.iterdir()]
    assert [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


async def test_workers_of_one_deployment_share_port(runtime: LocalRuntime) -> None:
    handle = await runtime.start(stub_spec(workers=2), RecordingReport())
    assert len(handle.ref["servers"].split()) == 2
    pids: set[int] = set()
    for _ in range(200):
        pids.add(await pid_at(handle.url))
        if len(pids) == 2:
            break
    assert len(pids) >= 1
    memory = await runtime.memory(handle)
    assert memory.measured_bytes is not None
    assert memory.measured_bytes > 5_000_000
    os.kill(pids.pop(), 9)
    assert (await asyncio.wait_for(runtime.wait(handle), 10)).state == "exited"
    again = await runtime.start(stub_spec(workers=2, generation=2), RecordingReport())
    assert (await runtime.status(again)).state == "running"
    assert again.port == handle.port


async def test_ports_are_unique_and_exhausted_range_is_rejected(
    runtime: LocalRuntime, ports: range
) -> None:
    handles = await asyncio.gather(
        *(runtime.start(stub_spec(f"dep_{number}"), RecordingReport()) for number in range(3))
    )
    assert sorted(handle.port for handle in handles) == list(ports)
    with pytest.raises(NoFreePort):
        await runtime.start(stub_spec("dep_late"), RecordingReport())
    await runtime.stop(handles[0])
    await runtime.release("dep_0")
    assert (await runtime.start(stub_spec("dep_late"), RecordingReport())).port == handles[0].port


async def test_port_in_use_is_skipped_or_rejected(runtime: LocalRuntime, ports: range) -> None:
    with listen("127.0.0.1", ports.start):
        assert (await runtime.start(stub_spec(), RecordingReport())).port == ports.start + 1
        with pytest.raises(PortTaken):
            await runtime.start(stub_spec("dep_fixed", port=ports.start), RecordingReport())


async def test_following_log_ends_with_server(runtime: LocalRuntime) -> None:
    handle = await runtime.start(stub_spec(env={"STUB_MODE": "loud"}), RecordingReport())

    async def read() -> list[str]:
        return [line async for line in runtime.logs(handle, tail=1000, follow=True)]

    log_task = asyncio.ensure_future(read())
    await runtime.stop(handle)
    lines = await asyncio.wait_for(log_task, 10)
    assert lines == ["stub is up", *(f"line {number}" for number in range(200))]


async def test_very_long_storage_path_works(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    async with local_runtime(deep) as runtime:
        handle = await runtime.start(stub_spec(), RecordingReport())
        assert (await runtime.status(handle)).state == "running"


async def test_idle_keeper_exits(tmp_path: Path) -> None:
    paths = paths_in(tmp_path)
    runtime = new_runtime(paths, some_ports(), keeper_idle_seconds=0.2)
    await runtime.open()
    await runtime.close()
    assert await eventually(lambda: processes_of(paths.run) == {})


async def test_concurrent_opens_start_one_keeper(tmp_path: Path) -> None:
    paths = paths_in(tmp_path)
    several = [new_runtime(paths, some_ports()) for _ in range(4)]
    await asyncio.gather(*(one.open() for one in several))
    assert await eventually(lambda: len(processes_of(paths.run)) == 1)
    await asyncio.gather(*(one.close() for one in several[1:]))
    await several[0].shutdown()
    assert await eventually(lambda: processes_of(paths.run) == {})
