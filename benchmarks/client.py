"""Closed loops of requests over keep-alive connections, on uvloop.

The part `http` measures the connections alone, so that they are not what limits a fast server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import uvloop

from backend.domain.percentile import percentile
from backend.transport.http_connection import Response, connect
from benchmarks.figures import median

PATIENCE_SECONDS = 300.0


@dataclass
class Load:
    """Latencies of all requests in seconds, total duration in seconds, and failed requests."""

    latencies: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    errors: int = 0

    @property
    def rate(self) -> float:
        """Successful requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def p50_ms(self) -> float:
        """Median latency in milliseconds."""
        return 1000 * median(self.latencies)

    @property
    def p99_ms(self) -> float:
        """99th percentile of the latency in milliseconds."""
        return 1000 * percentile(self.latencies, 0.99)


async def _worker(port: int, requests: Iterator[bytes], load: Load) -> None:
    connection = await connect(port)
    try:
        for request in requests:
            began = time.perf_counter()
            response = await connection.exchange(request)
            if response.status == 200:
                load.latencies.append(time.perf_counter() - began)
            else:
                load.errors += 1
    finally:
        connection.close()


async def _closed_loop(port: int, requests: Iterator[bytes], concurrency: int) -> Load:
    load = Load()
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(_worker(port, requests, load))
    load.seconds = time.perf_counter() - began
    return load


def run_all(port: int, requests: Sequence[bytes], concurrency: int) -> Load:
    """Send each request once, `concurrency` at a time, and wait for all responses."""
    return uvloop.run(_closed_loop(port, iter(requests), concurrency))


def run_for(port: int, request: bytes, concurrency: int, seconds: float) -> Load:
    """Repeat one request for some seconds, `concurrency` at a time."""
    return uvloop.run(_closed_loop(port, _until(seconds, request), concurrency))


def _until(seconds: float, request: bytes) -> Iterator[bytes]:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield request


async def _once(port: int, request: bytes) -> Response:
    connection = await connect(port)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await connection.exchange(request)
    finally:
        connection.close()


def fetch(port: int, request: bytes) -> Response:
    """Send one request and return its response."""
    return uvloop.run(_once(port, request))
