"""Cost as work grows: deployments (idle CPU time, list), and watchers of one deployment.

Model servers are stubs without a model, since their own cost is not what is measured.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend.domain.percentile import percentile
from backend.transport.http_connection import get
from benchmarks.client import run_all
from benchmarks.cores import on_core
from benchmarks.figures import ratio
from benchmarks.result import Curve, Plot, Result
from benchmarks.settings import Settings
from tests.fakes.control_plane import Plane, free_ports, started_plane

TITLE = "Cost as work grows"
STUBS = "tests.fakes.stub_control_plane"
STARTERS = ("sentiment", "digits", "tones", "stories")
SETTLE_SECONDS, START_SECONDS = 4.0, 300.0
LIST = get("/api/v1/deployments?limit=200")
COUNTS, QUICK_COUNTS = (1, 10, 50), (1, 3)
WATCHERS, QUICK_WATCHERS = (1, 10, 100, 1000), (1, 50)


def run(settings: Settings, result: Result) -> None:
    """Deployments first, then watchers of one of them."""
    counts = QUICK_COUNTS if settings.quick else COUNTS
    first = free_ports(max(counts) + 20)
    ports = {
        "MODEL_SERVE_PORT_START": str(first + 5),
        "MODEL_SERVE_PORT_END": str(first + max(counts) + 19),
    }
    with tempfile.TemporaryDirectory(dir=settings.scratch) as folder:
        plane = Plane(Path(folder) / "plane", ports, base=first, module=STUBS)
        with (
            on_core(settings.cores.server),
            started_plane(plane),
            on_core(settings.cores.client),
        ):
            _deployments(settings, result, plane, counts)
            _watchers(settings, result, plane)


def _deployments(settings: Settings, result: Result, plane: Plane, counts: Sequence[int]) -> None:
    header = ["deployments", "control plane, % of a core", "keeper, %", "list p50 ms"]
    table = result.table("Idle deployments", header)
    lists: list[tuple[float, float]] = []
    seconds = 3.0 if settings.quick else 30.0
    there = 0
    for count in counts:
        _deploy(plane, range(there, count))
        there = count
        time.sleep(1.0 if settings.quick else SETTLE_SECONDS)
        shares = _idle(plane, seconds)
        latency = run_all(plane.base, [LIST] * settings.pick(200, 20), 1).p50_ms
        lists.append((count, latency))
        result.row(table, count, *shares, latency)
    result.measure(
        f"list of {counts[-1]} deployments over {counts[0]}", ratio(lists[-1][1], lists[0][1])
    )
    result.plots.append(
        Plot(
            name="list",
            title="Latency of the list",
            x="deployments",
            y="milliseconds",
            curves=[Curve(name="GET /deployments", points=lists)],
        )
    )


def _deploy(plane: Plane, numbers: range) -> None:
    for number in numbers:
        plane.deploy(STARTERS[number % len(STARTERS)], name=f"idle-{number}")
    for number in numbers:
        plane.wait(f"idle-{number}", "running", patience=START_SECONDS)


def _idle(plane: Plane, seconds: float) -> tuple[float, float]:
    """CPU time without requests, in percent of one core: control plane, keeper."""
    assert plane.process is not None
    keepers = [p for p in plane.processes() if "backend.keeper" in p.cmdline()]
    groups = ([psutil.Process(plane.process.pid)], keepers)
    began, before = time.monotonic(), [cpu_seconds(group) for group in groups]
    time.sleep(seconds)
    took, after = time.monotonic() - began, [cpu_seconds(group) for group in groups]
    control, keeper = (100 * (new - old) / took for old, new in zip(before, after, strict=True))
    return control, keeper


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Return their CPU time in seconds, from the scheduler's statistics where available.

    The usual counters have a resolution of 10 ms, as much as an idle process uses in a minute.
    """
    return sum(_precise(process.pid) or sum(process.cpu_times()[:2]) for process in processes)


def _precise(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _watchers(settings: Settings, result: Result, plane: Plane) -> None:
    header = ["watchers", "events each", "delay p50 ms", "delay p99 ms", "closed early"]
    table = result.table("Watchers of one deployment while it restarts", header)
    counts = QUICK_WATCHERS if settings.quick else WATCHERS
    points: list[tuple[float, float]] = []
    for count in counts:
        delays, events, closed = asyncio.run(_watch(plane, count))
        slow = 1000 * percentile(delays, 0.99)
        points.append((count, slow))
        result.row(table, count, events, 1000 * percentile(delays, 0.5), slow, closed)
        plane.wait("idle-0", "running", patience=START_SECONDS)
    result.measure(
        f"p99 delay of {counts[-1]} watchers over {counts[0]}", ratio(points[-1][1], points[0][1])
    )
    result.plots.append(
        Plot(
            name="watchers",
            title="Delay of events",
            x="watchers",
            y="milliseconds, p99",
            curves=[Curve(name="WebSocket", points=points)],
        )
    )


async def _watch(plane: Plane, count: int) -> tuple[list[float], int, int]:
    """Delays in seconds from an event's time to its arrival, events of each, early closes."""
    last = await asyncio.to_thread(lambda: max(e["seq"] for e in plane.events("idle-0")))
    url = f"ws://127.0.0.1:{plane.base}/api/v1/ws/idle-0?after={last}&follow=true"
    sockets: list[ClientConnection] = []
    delays: list[float] = []
    seen = [0] * count
    closed = 0

    async def listen(number: int) -> None:
        nonlocal closed
        try:
            async for text in sockets[number]:
                arrived = time.time()
                found = json.loads(text)
                if "at" in found and found.get("type") != "heartbeat":
                    seen[number] += 1
                    delays.append(arrived - dt.datetime.fromisoformat(found["at"]).timestamp())
        except ConnectionClosed:
            closed += 1

    try:
        for _ in range(count):
            socket = await connect(url, compression=None, open_timeout=60)
            sockets.append(socket)
        tasks = [asyncio.create_task(listen(number)) for number in range(count)]
        await asyncio.to_thread(plane.verb, "idle-0", "restart")
        await _quiet(seen)
        closed_early = closed
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)
    return delays, max(seen), closed_early


async def _quiet(seen: Sequence[int], pause: float = 3.0, most: float = 60.0) -> None:
    """Wait until events have come, and none for `pause` seconds."""
    deadline = time.monotonic() + most
    before, since = sum(seen), time.monotonic()
    while time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        now = sum(seen)
        if now != before:
            before, since = now, time.monotonic()
        elif now and time.monotonic() - since > pause:
            return
