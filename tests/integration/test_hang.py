"""A model server that hangs is noticed within 15 seconds, and no client waits longer for it."""

import asyncio
import json
import signal
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.control_plane import Plane, free_ports, running_plane, stub_plane, until
from tests.fakes.hanging import (
    Call,
    Outcome,
    Traffic,
    call,
    hang,
    real_server_pid,
    server_pid,
    stop,
)
from tests.fakes.local_runtime import RecordingReport, local_runtime, stub_spec

NOTICED_SECONDS = 15.0
STOPPED = 3
CROWD, ROUNDS = 25, 6
BUSY_PAUSE, IDLE_PAUSE = 0.02, 1.0


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """All cases at once on one control plane, since each of them takes its seconds."""
    folder = tmp_path_factory.mktemp("plane")
    with (
        stub_plane(folder, MAX_WORKERS="4") as plane,
        ThreadPoolExecutor(10) as pool,
    ):
        names = [*(f"stopped-{n}" for n in range(STOPPED)), "deadlocked", "blocked", "beating"]
        deploy(plane, names)
        work: dict[str, Future[Any]] = {
            name: pool.submit(hang, plane, name) for name in names if name.startswith("stopped")
        }
        work["deadlocked"] = pool.submit(hang, plane, "deadlocked", deadlock(plane, pool))
        work["blocked"] = pool.submit(keeps_its_server, plane, "blocked", "/block/7")
        work["beating"] = pool.submit(keeps_its_server, plane, "beating", "/beat/12")
        yield {name: one.result() for name, one in work.items()}


def deploy(plane: Plane, names: list[str]) -> None:
    """Deploy starters by these names and wait until they run."""
    for name in names:
        plane.deploy("sentiment", name=name)
    for name in names:
        plane.wait(name, "running", patience=200)


def deadlock(plane: Plane, pool: ThreadPoolExecutor) -> Any:
    """The inference thread blocks for a minute while everything else responds."""
    port = plane.get("deadlocked")["port"]
    return lambda _pid: pool.submit(call, port, "/deadlock/60")


def keeps_its_server(plane: Plane, name: str, path: str) -> tuple[Call, bool, str]:
    """One long request; returns its response, whether the same server still runs, and the state."""
    deployment = plane.get(name)
    pid = server_pid(deployment)
    response = call(deployment["port"], path)
    time.sleep(2.5)
    return response, server_pid(deployment) == pid, plane.get(name)["state"]


def check(outcome: Outcome) -> None:
    """What has to hold for every hang."""
    assert outcome.noticed <= NOTICED_SECONDS
    assert outcome.longest_wait <= NOTICED_SECONDS
    assert not outcome.same_server
    assert outcome.message.startswith("restarting")
    through_us = {one.result for one in outcome.proxied}
    assert through_us <= {200, 503}, through_us
    for one in [*outcome.direct, *outcome.proxied]:
        if one.result == 503:
            assert one.headers["retry-after"]
            assert b'"estimated_time"' in one.body
        elif one.result != 200:
            # It was accepted by the hung process, and its connection ended with that process.
            assert isinstance(one.result, str), one
            assert one.began <= outcome.began + 1.0


def test_stopped_server_is_detected_and_requests_do_not_wait(results: dict[str, Any]) -> None:
    for number in range(STOPPED):
        outcome = results[f"stopped-{number}"]
        check(outcome)
        assert "stopped by a signal" in outcome.message


def test_deadlocked_inference_thread_is_detected(results: dict[str, Any]) -> None:
    outcome = results["deadlocked"]
    assert outcome.noticed <= NOTICED_SECONDS
    assert not outcome.same_server
    assert "no progress" in outcome.message


@pytest.mark.parametrize("name", ["blocked", "beating"])
def test_long_inference_is_not_a_hang(results: dict[str, Any], name: str) -> None:
    response, is_same, state = results[name]
    assert (response.result, is_same, state) == (200, True, "running")


def test_server_stopped_during_downtime_is_detected(tmp_path: Path) -> None:
    with stub_plane(tmp_path / "plane") as plane:
        deploy(plane, ["sentiment"])
        pid = server_pid(plane.get("sentiment"))
        plane.end(signal.SIGKILL)
        stop(pid)
        plane.start()
        began = time.monotonic()
        until(lambda: not psutil.pid_exists(pid), "the stopped server to be ended")
        assert time.monotonic() - began <= NOTICED_SECONDS
        assert server_pid(plane.wait("sentiment", "running")) != pid


async def test_hanging_worker_ends_at_once_and_other_finishes(tmp_path: Path) -> None:
    async with local_runtime(tmp_path) as runtime:
        handle = await runtime.start(stub_spec(workers=2), RecordingReport())
        stopped, other = [(await asyncio.to_thread(_slow_pid, handle.port)) for _ in range(2)]
        while other == stopped:
            other = await asyncio.to_thread(_slow_pid, handle.port)
        stop(stopped)
        status = await asyncio.wait_for(runtime.wait(handle), NOTICED_SECONDS)
        assert status.state == "unresponsive"
        response = asyncio.create_task(asyncio.to_thread(call, handle.port, "/beat/2"))
        await asyncio.sleep(0.5)
        await runtime.stop(handle, grace=10)
        assert (await response).result == 200
        assert (await runtime.status(handle)).state == "exited"


def _slow_pid(port: int) -> int:
    return int(json.loads(call(port, "/slow").body)["pid"])


def report(outcomes: list[Outcome]) -> None:
    """Figures for `make chaos`."""
    for what, seconds in (
        ("noticed after", [one.noticed for one in outcomes]),
        ("longest wait of a client", [one.longest_wait for one in outcomes]),
        ("running again after", [one.running_again for one in outcomes]),
    ):
        middle, longest = statistics.median(seconds), max(seconds)
        print(f"{len(seconds)} hangs, {what}: median {middle:.1f} s, longest {longest:.1f} s")


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_150_of_150_hangs_are_detected(tmp_path: Path) -> None:
    # The control plane's own ports may be among these: nobody has bound them yet.
    first = free_ports(CROWD + 20)
    settings = {
        "MODEL_SERVE_PORT_START": str(first), "MODEL_SERVE_PORT_END": str(first + CROWD + 19),
        "RESTART_LIMIT": "100",
    }  # fmt: skip
    outcomes: list[Outcome] = []
    with stub_plane(tmp_path / "plane", **settings) as plane, ThreadPoolExecutor(CROWD) as pool:
        names = [f"crowd-{number}" for number in range(CROWD)]
        deploy(plane, names)
        for number in range(ROUNDS):
            pause = BUSY_PAUSE if number % 2 else IDLE_PAUSE
            work = [pool.submit(hang, plane, name, traffic=Traffic(pause=pause)) for name in names]
            outcomes += [one.result() for one in work]
            report(outcomes[-CROWD:])
    report(outcomes)
    assert len(outcomes) == CROWD * ROUNDS
    for outcome in outcomes:
        check(outcome)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_hanging_real_models_are_detected(tmp_path: Path) -> None:
    with running_plane(tmp_path / "plane") as plane, ThreadPoolExecutor(4) as pool:
        names = ["sentiment", "stories"]
        for name in names:
            plane.deploy(name, name=name)
        for name in names:
            plane.wait(name, "running")
        real = Traffic(paths=("/predict",), find=lambda one: real_server_pid(plane, one))
        work = [pool.submit(hang, plane, name, traffic=real) for name in names]
        outcomes = [one.result() for one in work]
    report(outcomes)
    for outcome in outcomes:
        check(outcome)
