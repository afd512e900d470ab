"""The time limit of requests."""

import asyncio

import pytest

from backend.errors.inference import RequestTimeout
from backend.inference.scheduling.deadline import Deadline


async def test_work_within_the_limit_returns_its_result() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await Deadline(30).run(work()) == 7


async def test_work_that_takes_longer_is_cancelled_and_fails() -> None:
    was_cancelled = False

    async def work() -> None:
        nonlocal was_cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled = True
            raise

    deadline = Deadline(0.05)
    for _ in range(2):
        with pytest.raises(RequestTimeout, match=r"0\.05 seconds"):
            await deadline.run(work())
        assert was_cancelled
        was_cancelled = False
    own = asyncio.current_task()
    assert own is not None
    assert own.cancelling() == 0, "later waits of the same task are not cancelled"


async def test_each_request_has_the_limit_from_its_own_arrival() -> None:
    deadline, gate, loop = Deadline(0.3), asyncio.Event(), asyncio.get_running_loop()
    late = asyncio.ensure_future(deadline.run(gate.wait()))
    await asyncio.sleep(0.2)
    began = loop.time()
    later = asyncio.ensure_future(deadline.run(gate.wait()))
    with pytest.raises(RequestTimeout):
        await late
    assert not later.done()
    with pytest.raises(RequestTimeout):
        await later
    assert loop.time() - began >= 0.3


async def test_a_caller_that_cancels_sees_the_cancellation() -> None:
    running = asyncio.ensure_future(Deadline(30).run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
