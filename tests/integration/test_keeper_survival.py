"""Who may be killed, and what then happens: control plane, keeper, servers; under load."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from backend.domain.server import ServerHandle
from backend.runtimes.local import LocalRuntime
from tests.fakes.local_runtime import (
    RecordingReport,
    eventually,
    keeper_pid,
    kill_keeper,
    local_runtime,
    new_runtime,
    paths_in,
    processes_of,
    some_ports,
    stub_spec,
)

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class ClientResults:
    """Results of a client with 30 requests per second, half of them on new connections."""

    pids: set[int] = field(default_factory=set)
    succeeded: int = 0
    failures: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def steady_requests(url: str, *, keeps_alive: bool = True) -> AsyncIterator[ClientResults]:
    results = ClientResults()
    done = asyncio.Event()

    async def send_request(client: httpx.AsyncClient) -> None:
        try:
            response = await client.get(f"{url}/predict")
            if response.status_code == 200:
                results.pids.add(response.json()["pid"])
                results.succeeded += 1
            else:
                results.failures.append(f"{response.status_code} {response.text}")
        except httpx.HTTPError as error:
            results.failures.append(repr(error))

    async def client_loop() -> None:
        async with httpx.AsyncClient(timeout=10) as kept:
            while not done.is_set():
                async with httpx.AsyncClient(timeout=10) as fresh:
                    await asyncio.gather(
                        send_request(kept if keeps_alive else fresh), send_request(fresh)
                    )
                await asyncio.sleep(0.05)

    client = asyncio.ensure_future(client_loop())
    try:
        yield results
    finally:
        done.set()
        await client


async def wait_for_requests(results: ClientResults, count: int) -> None:
    """Wait until `count` more requests succeed."""
    goal = results.succeeded + count
    assert await eventually(lambda: results.succeeded >= goal or bool(results.failures))


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[LocalRuntime]:
    async with local_runtime(tmp_path) as opened:
        yield opened


async def test_no_request_fails_when_control_plane_is_killed_and_restarted(
    tmp_path: Path,
) -> None:
    ports = some_ports()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.short_control_plane", str(tmp_path), str(ports.start),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    handle = ServerHandle.model_validate_json(await process.stdout.readline())
    async with steady_requests(handle.url) as results:
        await wait_for_requests(results, 10)
        process.kill()
        await process.wait()
        await wait_for_requests(results, 10)
        async with local_runtime(tmp_path, ports) as runtime:
            assert (await runtime.status(handle)).state == "running"
            assert await runtime.start(stub_spec(), RecordingReport()) == handle
            await wait_for_requests(results, 10)
            pid = (await _pids(runtime, handle))[0]
            assert results.failures == []
            assert results.pids == {pid}
            await asyncio.sleep(0)
            await runtime.stop(handle)


async def test_no_request_fails_when_keeper_is_killed(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    run_dir = paths_in(tmp_path).run
    handle = await runtime.start(stub_spec(), RecordingReport())
    async with steady_requests(handle.url) as results:
        await wait_for_requests(results, 10)
        old = await kill_keeper(run_dir)
        await wait_for_requests(results, 10)
        assert await eventually(lambda: _has_new_keeper(run_dir, old))
        await wait_for_requests(results, 10)
    assert results.failures == []
    assert len(results.pids) == 1
    assert (await runtime.status(handle)).state == "running"


async def test_new_generation_takes_over_port_of_adopted_server(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    first = await runtime.start(stub_spec(generation=1), RecordingReport())
    await kill_keeper(paths_in(tmp_path).run)
    # A server that ends closes idle connections; a request just sent there is lost, in HTTP 1.
    async with steady_requests(first.url, keeps_alive=False) as results:
        second = await runtime.start(stub_spec(generation=2), RecordingReport())
        await wait_for_requests(results, 10)
        await runtime.stop(first)
        await wait_for_requests(results, 10)
    assert second.port == first.port
    assert results.failures == []
    assert (await runtime.status(first)).state == "exited"
    assert (await runtime.status(second)).state == "running"


async def test_exit_of_adopted_server_is_detected(runtime: LocalRuntime, tmp_path: Path) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    old = await kill_keeper(paths_in(tmp_path).run)
    assert await eventually(lambda: _has_new_keeper(paths_in(tmp_path).run, old))
    waiting = asyncio.ensure_future(runtime.wait(handle))
    os.kill((await _pids(runtime, handle))[0], signal.SIGKILL)
    status = await asyncio.wait_for(waiting, 10)
    assert status.state == "exited"
    # It was not this keeper's child, so nobody saw how it ended.
    assert status.cause == "exited for an unknown reason"


async def test_waiting_room_keeps_port_when_keeper_is_killed(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    await runtime.stop(handle)
    await kill_keeper(paths_in(tmp_path).run)
    again = await runtime.start(stub_spec(generation=2), RecordingReport())
    assert again.port == handle.port


async def test_killed_server_reports_signal_and_waiting_room_responds(
    runtime: LocalRuntime,
) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    waiting = asyncio.ensure_future(runtime.wait(handle))
    os.kill((await _pids(runtime, handle))[0], signal.SIGKILL)
    status = await asyncio.wait_for(waiting, 10)
    assert (status.state, status.signal, status.cause) == (
        "exited", 9, "killed by signal 9 (SIGKILL)",
    )  # fmt: skip
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(handle.url)
    assert response.status_code == 503
    assert response.json()["code"] == "model-loading"


async def test_stopped_process_can_be_terminated(runtime: LocalRuntime) -> None:
    handle = await runtime.start(stub_spec(), RecordingReport())
    os.kill((await _pids(runtime, handle))[0], signal.SIGSTOP)
    assert (await runtime.status(handle)).state == "unresponsive"
    await asyncio.wait_for(runtime.stop(handle, grace=60), 10)
    assert (await runtime.status(handle)).signal == signal.SIGKILL


async def test_handle_with_foreign_pid_does_not_kill_it(runtime: LocalRuntime) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        handle = ServerHandle(
            runtime="local", url="http://127.0.0.1:1", port=1,
            ref={"servers": "srv_00000000000000000000000000000000", "pid": str(stranger.pid)},
        )  # fmt: skip
        assert (await runtime.status(handle)).state == "unknown"
        await runtime.stop(handle)
        assert psutil.Process(stranger.pid).status() != psutil.STATUS_ZOMBIE
        assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()


async def test_sweep_stops_only_servers_without_row(runtime: LocalRuntime) -> None:
    wanted = await runtime.start(stub_spec("dep_wanted"), RecordingReport())
    busy = await runtime.start(stub_spec("dep_busy"), RecordingReport())
    stray = await runtime.start(stub_spec("dep_stray"), RecordingReport())
    await runtime.sweep([wanted], ["dep_wanted"], ["dep_busy"])
    states = [(await runtime.status(handle)).state for handle in (wanted, busy, stray)]
    assert states == ["running", "running", "exited"]
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(stray.url)


async def test_shutdown_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    paths, ports = paths_in(tmp_path), some_ports()
    runtime = new_runtime(paths, ports)
    await runtime.open()
    handles = [
        await runtime.start(stub_spec(f"dep_{number}"), RecordingReport()) for number in range(3)
    ]
    await runtime.shutdown(grace=2.0)
    assert await eventually(lambda: processes_of(paths.run) == {})
    async with httpx.AsyncClient() as client:
        for handle in handles:
            with pytest.raises(httpx.ConnectError):
                await client.get(handle.url)


def _has_new_keeper(run_dir: Path, old: int) -> bool:
    with contextlib.suppress(AssertionError):
        return keeper_pid(run_dir) != old
    return False


async def _pids(runtime: LocalRuntime, handle: ServerHandle) -> list[int]:
    async with httpx.AsyncClient() as client:
        return [json.loads((await client.get(handle.url)).text)["pid"]]
