"""Groups in the model thread: failures, cancellation, order, and what they report."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from backend.errors.inference import GenerationFailed, InvalidInput, Overloaded
from backend.inference.adapters.base import Prepared
from backend.inference.metrics import Metrics
from backend.inference.scheduling.admission import Admission
from backend.inference.scheduling.batched import Batcher
from backend.inference.scheduling.grouping import Limits
from tests.fakes.launch import spec
from tests.fakes.turns import until_queued


class Echo:
    """Returns the size of each input; -1 and -2 fail the whole group. `gate` holds the model."""

    encode_threads = 1
    max_group = 100

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = threading.Event()
        self.has_begun = threading.Event()
        self.gate.set()

    def encode(self, item: object, parameters: Any) -> Prepared:
        raise NotImplementedError

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        sizes = [one.size for one in group]
        self.groups.append(sizes)
        self.has_begun.set()
        assert self.gate.wait(30)
        if -1 in sizes:
            raise InvalidInput("wrong")
        if -2 in sizes:
            raise ZeroDivisionError
        return sizes

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        return {}


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def batcher(echo: Echo) -> AsyncIterator[Batcher]:
    metrics = Metrics(spec("text-classification", Path("none")))
    made = Batcher(echo, metrics, limits=Limits(rows=100, padded=1e9), slack=1e9)
    yield made
    echo.gate.set()
    made.close()


def inputs(*sizes: int) -> list[Prepared]:
    return [Prepared(size=size, rows=(None,)) for size in sizes]


async def held(echo: Echo, batcher: Batcher) -> "asyncio.Task[Any]":
    """A first input that keeps the model busy until the gate opens, so that others wait."""
    echo.gate.clear()
    first = asyncio.ensure_future(batcher.run(inputs(1)))
    await asyncio.to_thread(echo.has_begun.wait, 30)
    return first


async def test_what_waits_runs_together_and_returns_in_order(echo: Echo, batcher: Batcher) -> None:
    first = await held(echo, batcher)
    runs = [asyncio.ensure_future(batcher.run(inputs(*sizes))) for sizes in ([5, 3], [4], [9, 2])]
    await until_queued()
    echo.gate.set()
    found = [[one.raw for one in await run] for run in runs]
    await first
    assert found == [[5, 3], [4], [9, 2]]
    assert echo.groups == [[1], [2, 3, 4, 5, 9]]
    done = await asyncio.gather(*runs)
    assert len({one.group for run in done for one in run}) == 1


@pytest.mark.parametrize(("bad", "error"), [(-1, InvalidInput), (-2, GenerationFailed)])
async def test_an_input_that_fails_the_group_fails_alone(
    echo: Echo, batcher: Batcher, bad: int, error: type[Exception]
) -> None:
    first = await held(echo, batcher)
    good = asyncio.ensure_future(batcher.run(inputs(5, 6)))
    wrong = asyncio.ensure_future(batcher.run(inputs(bad)))
    await until_queued()
    echo.gate.set()
    assert [one.raw for one in await good] == [5, 6]
    with pytest.raises(error):
        await wrong
    await first
    assert batcher.is_alive


async def test_a_cancelled_request_leaves_the_queue(echo: Echo, batcher: Batcher) -> None:
    first = await held(echo, batcher)
    gone = asyncio.ensure_future(batcher.run(inputs(7, 8)))
    stays = asyncio.ensure_future(batcher.run(inputs(3)))
    await until_queued()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    echo.gate.set()
    await asyncio.gather(first, stays)
    assert echo.groups == [[1], [3]]


async def test_inputs_that_arrive_at_once_share_a_group_of_an_idle_model(
    echo: Echo, batcher: Batcher
) -> None:
    runs = [asyncio.ensure_future(batcher.run(inputs(size))) for size in (5, 3, 4)]
    assert [[one.raw for one in await run] for run in runs] == [[5], [3], [4]]
    assert echo.groups == [[3, 4, 5]]


async def test_a_request_that_is_cancelled_before_it_is_queued_never_runs(
    echo: Echo, batcher: Batcher
) -> None:
    gone = asyncio.ensure_future(batcher.run(inputs(7)))
    stays = asyncio.ensure_future(batcher.run(inputs(3)))
    await asyncio.sleep(0)
    gone.cancel()
    assert [one.raw for one in await stays] == [3]
    assert gone.cancelled()
    assert echo.groups == [[3]]


def test_admission_counts_inputs_and_never_shuts_out_a_large_request() -> None:
    admission = Admission(10, lambda: 0.5)
    with (
        admission.reserve(9),
        admission.reserve(1000),
        pytest.raises(Overloaded) as caught,
        admission.reserve(1),
    ):
        pass
    assert caught.value.retry_after == 60.0
    with (
        admission.reserve(9),
        admission.reserve(1),
        pytest.raises(Overloaded) as caught,
        admission.reserve(1),
    ):
        pass
    assert caught.value.retry_after == 5.0
    with admission.reserve(1):
        pass
