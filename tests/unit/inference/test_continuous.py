"""The model thread with a running batch: who joins when, failures, groups beside it, the end."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.base import Left, Prepared
from backend.inference.metrics import Metrics
from backend.inference.scheduling.continuous import ContinuousBatcher
from backend.inference.scheduling.grouping import Limits
from backend.inference.scheduling.job import Done, seconds_in_model
from tests.fakes.launch import spec
from tests.fakes.turns import until_queued

ROOM = 10


class Countdown:
    """Inputs leave after as many steps as their size; all sizes together are at most ROOM.

    A size of 100 cannot join, and 101 fails the step of all. `gate` holds each step.
    """

    def __init__(self) -> None:
        self.left: dict[int, int] = {}
        self.sizes: dict[int, int] = {}
        self.steps: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.rows = 0

    def has_room(self, prepared: Prepared) -> bool:
        return not self.sizes or sum(self.sizes.values()) + prepared.size <= ROOM

    def join(self, number: int, prepared: Prepared) -> None:
        if prepared.size == 100:
            raise InvalidInput("wrong")
        self.left[number] = self.sizes[number] = prepared.size

    def step(self) -> list[Left]:
        assert self.gate.wait(30)
        self.rows = len(self.sizes)
        self.steps.append(sorted(self.sizes.values()))
        if 101 in self.sizes.values():
            raise ZeroDivisionError
        self.left = {number: left - 1 for number, left in self.left.items()}
        done = [number for number, left in self.left.items() if left == 0]
        made = [Left(number=number, raw=self.sizes.pop(number)) for number in done]
        self.left = {number: left for number, left in self.left.items() if left}
        return made

    def clear(self) -> None:
        self.left, self.sizes = {}, {}


class Adapter:
    """Groups return negative sizes, after as many calls of `between` as the largest has."""

    encode_threads = 1
    max_group = 100

    def __init__(self, *, can_batch: bool = True) -> None:
        self.batch = Countdown()
        self.between: Callable[[], None] | None = None
        self.groups: list[list[int]] = []
        self.steps_during_groups: list[int] = []
        self._can_batch = can_batch

    def encode(self, item: object, parameters: Any) -> Prepared:
        raise NotImplementedError

    def running_batch(self, rows: int, between: Callable[[], None]) -> Countdown | None:
        assert rows == 4
        self.between = between if self._can_batch else None
        return self.batch if self._can_batch else None

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        sizes = [one.size for one in group]
        self.groups.append(sizes)
        before = len(self.batch.steps)
        for _ in range(max(sizes)):
            if self.between:
                self.between()
        self.steps_during_groups.append(len(self.batch.steps) - before)
        return [-size for size in sizes]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        return {}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(spec("text-generation", Path("none")))


@pytest.fixture
def adapter() -> Adapter:
    return Adapter()


@pytest.fixture
async def batcher(adapter: Adapter, metrics: Metrics) -> AsyncIterator[ContinuousBatcher]:
    made = ContinuousBatcher(adapter, metrics, limits=Limits(rows=4, padded=1e9))
    yield made
    adapter.batch.gate.set()
    made.close()


def inputs(*sizes: int, can_join: bool = True) -> list[Prepared]:
    return [Prepared(size=size, rows=(None,), can_join=can_join) for size in sizes]


Runs = Callable[..., "asyncio.Task[list[Done]]"]


@pytest.fixture
def start(batcher: ContinuousBatcher) -> Runs:
    def started(*sizes: int, can_join: bool = True) -> "asyncio.Task[list[Done]]":
        return asyncio.ensure_future(batcher.run(inputs(*sizes, can_join=can_join)))

    return started


async def test_inputs_join_while_others_run_and_leave_when_they_are_done(
    start: Runs, adapter: Adapter, metrics: Metrics
) -> None:
    adapter.batch.gate.clear()
    first = start(4)
    await asyncio.sleep(0.05)
    others = start(2, 1)
    await until_queued()
    adapter.batch.gate.set()
    assert [one.raw for one in await others] == [2, 1]
    assert [one.raw for one in await first] == [4]
    assert adapter.batch.steps == [[4], [1, 2, 4], [2, 4], [4]]
    found = re.findall(r"slipway_(?:batch_size|queue_dur\w+)_(count|sum)\{.*\} (\S+)",
                       metrics.text().decode())  # fmt: skip
    assert ("count", "4.0") in found, "the size of the batch is that of each step"
    assert ("sum", "7.0") in found
    assert ("count", "3.0") in found, "each input waited once"


async def test_the_oldest_joins_first_even_if_a_later_one_would_fit(
    start: Runs, adapter: Adapter
) -> None:
    adapter.batch.gate.clear()
    runs = [start(6)]
    await asyncio.sleep(0.05)
    runs += [start(5), start(1)]
    await until_queued()
    adapter.batch.gate.set()
    await asyncio.gather(*runs)
    assert adapter.batch.steps == [[6]] * 6 + [[1, 5], *[[5]] * 4]


async def test_one_that_is_too_large_runs_alone(start: Runs, adapter: Adapter) -> None:
    await asyncio.gather(start(ROOM + 2), start(1))
    assert [1, ROOM + 2] not in adapter.batch.steps
    assert adapter.batch.steps.count([ROOM + 2]) == ROOM + 2


async def test_a_group_runs_beside_the_batch_which_goes_on(start: Runs, adapter: Adapter) -> None:
    adapter.batch.gate.clear()
    stream = start(8)
    await asyncio.sleep(0.05)
    group = start(3, 3, can_join=False)
    await until_queued()
    adapter.batch.gate.set()
    assert [one.raw for one in await group] == [-3, -3]
    assert [one.raw for one in await stream] == [8]
    assert adapter.groups == [[3, 3]]
    assert adapter.steps_during_groups == [3]


async def test_an_input_joins_during_a_group(start: Runs, adapter: Adapter) -> None:
    group = start(10_000, can_join=False)
    await until_queued()
    assert [one.raw for one in await start(2)] == [2]
    assert not group.done()
    assert [one.raw for one in await group] == [-10_000]


async def test_an_input_that_cannot_join_fails_alone(start: Runs, adapter: Adapter) -> None:
    good = start(3)
    with pytest.raises(InvalidInput):
        await start(100)
    assert [one.raw for one in await good] == [3]


async def test_after_a_failed_step_the_thread_serves_the_next(
    start: Runs, adapter: Adapter
) -> None:
    with pytest.raises(GenerationFailed):
        await start(101)
    assert adapter.batch.sizes == {}
    assert [one.raw for one in await start(3)] == [3]


async def test_a_cancelled_request_leaves_the_queue(start: Runs, adapter: Adapter) -> None:
    adapter.batch.gate.clear()
    first = start(9)
    await asyncio.sleep(0.05)
    gone, stays = start(7), start(3)
    await until_queued()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    adapter.batch.gate.set()
    await asyncio.gather(first, stays)
    assert [7] not in adapter.batch.steps


async def test_without_a_running_batch_all_inputs_run_in_groups(metrics: Metrics) -> None:
    adapter = Adapter(can_batch=False)
    batcher = ContinuousBatcher(adapter, metrics, limits=Limits(rows=4, padded=1e9))
    assert [one.raw for one in await batcher.run(inputs(2, 2))] == [-2, -2]
    assert adapter.batch.steps == []
    batcher.close()


async def test_close_completes_the_batch_and_ends_the_thread(
    start: Runs, adapter: Adapter, batcher: ContinuousBatcher
) -> None:
    adapter.batch.gate.clear()
    running = start(4)
    await asyncio.sleep(0.05)
    batcher.close()
    late = start(1)
    await until_queued()
    adapter.batch.gate.set()
    assert [one.raw for one in await running] == [4]
    async with asyncio.timeout(30):
        while batcher.is_alive:  # noqa: ASYNC110 - the end of a thread has no event
            await asyncio.sleep(0.01)
    assert not late.done()
    late.cancel()


def test_time_in_the_model_counts_each_moment_once() -> None:
    def done(began: float, took: float) -> Done:
        return Done(raw=None, waited=0, began=began, took=took, group=0)

    assert seconds_in_model([done(5, 1)]) == 1
    assert seconds_in_model([done(5, 1)] * 3) == 1
    assert seconds_in_model([done(9, 1), done(5, 2), done(6, 3), done(6, 1)]) == 5
