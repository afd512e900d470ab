"""Where inputs are encoded: never in two threads at a time."""

import asyncio
import contextlib
import threading

import pytest

from backend.inference.scheduling.reader import Reader


async def test_short_work_runs_on_the_loop_unless_a_thread_is_at_work() -> None:
    reader, gate, started = Reader(1), threading.Event(), threading.Event()

    def occupy() -> None:
        started.set()
        gate.wait()

    assert await reader.run(threading.get_ident, is_short=True) == threading.get_ident()
    other = await reader.run(threading.get_ident)
    assert other != threading.get_ident()
    waits = asyncio.ensure_future(reader.run(occupy))
    # A cancel before the thread has begun would take the work away, which is another case.
    assert await asyncio.to_thread(started.wait, 30)
    short = asyncio.ensure_future(reader.run(threading.get_ident, is_short=True))
    await asyncio.sleep(0)
    waits.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waits
    also = asyncio.ensure_future(reader.run(threading.get_ident, is_short=True))
    await asyncio.sleep(0)
    assert not short.done()
    assert not also.done(), "the thread goes on, although its caller is gone"
    gate.set()
    assert await short == await also == other
    # The callback of the last work may run a moment after its result is known.
    async with asyncio.timeout(30):
        while await reader.run(threading.get_ident, is_short=True) == other:
            pass
    reader.close()


async def test_errors_reach_the_caller() -> None:
    reader = Reader(1)

    def fail() -> None:
        raise ZeroDivisionError

    for is_short in (True, False):
        with pytest.raises(ZeroDivisionError):
            await reader.run(fail, is_short=is_short)
    reader.close()
