"""Overhead of the control plane's proxy: the same requests direct and through `/d/NAME`.

`python -m scripts.bench.proxy [--seconds 4] [--rounds 3]` deploys a starter on its own control
plane. Both paths are measured alternately in one run, with 1 and with 32 keep-alive connections;
the figures are medians over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.control_plane import running_plane

BODY = b'{"inputs": "What a wonderful film"}'
LEVELS = (1, 32)
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Requests per second, and median latency in milliseconds."""

    rate: float
    latency_ms: float


async def _client(port: int, path: str, until: float, latencies: list[float]) -> None:
    """One keep-alive connection; sends the next request when the response is complete."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    ).encode() + BODY
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            message = f"{path} returned {head.splitlines()[0].decode()}"
            raise RuntimeError(message)
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        latencies.append((time.perf_counter() - began) * 1000)
    writer.close()


async def load(port: int, path: str, connections: int, seconds: float) -> Figures:
    """Closed-loop load with this number of connections."""
    latencies: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_client(port, path, began + seconds, latencies))
    took = time.perf_counter() - began
    return Figures(rate=len(latencies) / took, latency_ms=statistics.median(latencies))


def median(figures: list[Figures]) -> Figures:
    """Median of each figure."""
    return Figures(
        rate=statistics.median(one.rate for one in figures),
        latency_ms=statistics.median(one.latency_ms for one in figures),
    )


def compare(direct: int, control_plane: int, name: str, connections: int, options: Options) -> None:
    """Print one row."""
    ways = {"direct": (direct, "/predict"), "proxy": (control_plane, f"/d/{name}/predict")}
    found: dict[str, list[Figures]] = {way: [] for way in ways}
    for port, path in ways.values():
        asyncio.run(load(port, path, connections, WARM_UP_SECONDS))
    for _ in range(options.rounds):
        for way, (port, path) in ways.items():
            found[way].append(asyncio.run(load(port, path, connections, options.seconds)))
    direct_, proxy = median(found["direct"]), median(found["proxy"])
    print(
        f"{connections:>11}  {direct_.latency_ms:>9.2f}  {proxy.latency_ms:>8.2f}  "
        f"{direct_.rate:>10.0f}  {proxy.rate:>9.0f}  {proxy.rate / direct_.rate:>5.2f}",
        flush=True,
    )


@dataclass(frozen=True, kw_only=True)
class Options:
    """Duration of a measurement in seconds, and number of rounds."""

    seconds: float
    rounds: int


def main() -> None:
    """Print a table with one row per number of connections."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="duration of each measurement, in seconds"
    )
    parser.add_argument("--rounds", type=int, default=3, help="measurements per path")
    given = parser.parse_args()
    options = Options(seconds=given.seconds, rounds=given.rounds)
    with tempfile.TemporaryDirectory() as folder, running_plane(Path(folder) / "plane") as plane:
        name = "bench"
        port = plane.wait(plane.deploy("sentiment", name=name)["id"], "running")["port"]
        print("connections  direct ms  proxy ms  direct r/s  proxy r/s  ratio", flush=True)
        for connections in LEVELS:
            compare(port, plane.base, name, connections, options)


if __name__ == "__main__":
    main()
