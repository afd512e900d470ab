"""Several model threads: for an engine that batches itself what is in progress."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from backend.inference.adapters.base import Prepared
from backend.inference.metrics import Metrics
from backend.inference.scheduling.batched import Batcher
from tests.fakes.launch import spec


class Meeting:
    """An adapter whose first `together` inputs wait for each other; it records what is in it."""

    encode_threads = 1
    max_group = 1

    def __init__(self, together: int) -> None:
        self.largest = 0
        self._now: list[int] = []
        self._left = together
        self._barrier = threading.Barrier(together)
        self._lock = threading.Lock()

    def encode(self, item: object, parameters: Any) -> Prepared:
        raise NotImplementedError

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        sizes = [one.size for one in group]
        with self._lock:
            self._now += sizes
            self.largest = max(self.largest, sum(self._now))
            self._left -= 1
            waits = self._left >= 0
        if waits:
            self._barrier.wait(30)
        with self._lock:
            for size in sizes:
                self._now.remove(size)
        return sizes

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        return {}


@pytest.mark.parametrize(
    ("together", "sizes"),
    [
        (3, [30] * 20),
        (2, [60, 40, *[50] * 20]),
        (2, [1, 99, *range(1, 60)]),
        (1, [500, 1, 2, 300, 4]),
    ],
)
async def test_inputs_are_in_the_model_together_as_far_as_they_fit(
    together: int, sizes: list[int]
) -> None:
    adapter = Meeting(together)
    metrics = Metrics(spec("text-generation", Path("none")))
    batcher = Batcher(adapter, metrics, parallel=3, most_size=100)
    async with asyncio.timeout(60):
        done = await batcher.run([Prepared(size=size, rows=()) for size in sizes])
    assert [one.raw for one in done] == sizes
    assert adapter.largest <= max(100, *sizes), "a single large input is alone in the model"
    assert batcher.is_alive
    batcher.close()
