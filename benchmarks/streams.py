"""Streams of generated tokens: time to the first token, and times between tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import uvloop

from backend.domain.percentile import percentile
from backend.transport.http_connection import connect
from benchmarks.client import PATIENCE_SECONDS

# Events of OpenAI's format that have no token.
NO_TOKEN = (b"data: [DONE]", b'"delta":{"role":"assistant"}')


@dataclass
class Stream:
    """Arrival times of the events of one response, in seconds since its request."""

    arrivals: list[float] = field(default_factory=list[float])
    status: int = 0

    @property
    def first(self) -> float:
        """Time to the first token."""
        return self.arrivals[0]

    @property
    def gaps(self) -> list[float]:
        """Times between events."""
        return [late - early for early, late in zip(self.arrivals, self.arrivals[1:], strict=False)]


@dataclass
class Streams:
    """All streams of a run and its duration in seconds; `tokens` were requested of each."""

    tokens: int
    all: list[Stream] = field(default_factory=list[Stream])
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Tokens per second of all streams together."""
        return self.tokens * len(self._good) / self.seconds if self.seconds else 0.0

    def first(self, share: float) -> float:
        """Percentile of the time to the first token, in seconds."""
        return percentile([stream.first for stream in self._good], share)

    def gap(self, share: float) -> float:
        """Percentile of the time between tokens, in seconds."""
        return percentile([gap for stream in self._good for gap in stream.gaps], share)

    @property
    def errors(self) -> int:
        """Streams without a token or with a status other than 200."""
        return len(self.all) - len(self._good)

    @property
    def _good(self) -> list[Stream]:
        return [one for one in self.all if one.status == 200 and one.arrivals]


async def _worker(port: int, requests: Iterator[bytes], streams: Streams) -> None:
    for request in requests:
        connection = await connect(port)
        stream = Stream()
        began = time.perf_counter()

        def on_piece(piece: bytes, stream: Stream = stream, began: float = began) -> None:
            # One entry per event; a chunk may have several.
            count = piece.count(b"data:") - sum(map(piece.count, NO_TOKEN))
            stream.arrivals += [time.perf_counter() - began] * count

        try:
            stream.status = (await connection.exchange(request, on_piece)).status
        finally:
            connection.close()
        streams.all.append(stream)


async def _run(port: int, requests: Sequence[bytes], concurrency: int, tokens: int) -> Streams:
    streams = Streams(tokens)
    shared = iter(requests)
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(_worker(port, shared, streams))
    streams.seconds = time.perf_counter() - began
    return streams


def run_streams(port: int, requests: Sequence[bytes], concurrency: int, tokens: int) -> Streams:
    """Send each request once, `concurrency` at a time, and read all streams to their ends."""
    return uvloop.run(_run(port, requests, concurrency, tokens))
