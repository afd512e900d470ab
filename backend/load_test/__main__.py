"""`python -m backend.load_test`: a job on stdin, lines on stdout.

A process of its own, so that neither the control plane nor its clients wait for the load. It
exits when stdin closes, so it never outlives the control plane; SIGTERM ends the measurement.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from backend.domain.load_test import LoadTestJob, LoadTestLine, LoadTestProgress
from backend.errors.load_test import LoadTestRejected
from backend.load_test.generator import Generator
from backend.transport.event_loop import new_event_loop
from backend.transport.worker_pipes import end_with_parent, own_stdout

Say = Callable[[LoadTestLine], None]


def main() -> None:
    """Read the job, run it, write the result."""
    lines = own_stdout()

    def say(line: LoadTestLine) -> None:
        lines.write(line.model_dump_json() + "\n")
        lines.flush()

    job = LoadTestJob.model_validate_json(sys.stdin.buffer.readline())
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(run(job, say))


async def run(job: LoadTestJob, say: Say) -> None:
    """Warm up, wait until the control plane is ready, measure."""
    stop, begin = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    follow = (lambda: loop.call_soon_threadsafe(begin.set),)
    threading.Thread(target=end_with_parent, args=follow, daemon=True).start()

    def report(progress: LoadTestProgress) -> None:
        say(LoadTestLine(kind="progress", progress=progress))

    generator = Generator(job, stop)
    try:
        if not await _unless(stop, generator.warm_up()):
            return
        say(LoadTestLine(kind="warm"))
        if not await _unless(stop, begin.wait()):
            return
        result = await generator.measure(report)
    except LoadTestRejected as error:
        say(LoadTestLine(kind="failed", message=error.detail))
    else:
        say(LoadTestLine(kind="done", result=result))


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Whether the work came to its end; it is cancelled when `stop` is set."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        return False
    task.result()
    return True


if __name__ == "__main__":
    main()
