"""Runs the load of a job in a worker process."""

import asyncio
import sys
from collections.abc import Mapping

from pydantic import ValidationError

from backend.domain.load_test import LoadTestJob, LoadTestLine, LoadTestResult, LoadWatch
from backend.domain.report import Unheard
from backend.errors.load_test import LoadTestRejected
from backend.errors.server import WorkerDied
from backend.workers.process import Worker, WorkerProgram, worker

MODULE = "backend.load_test"
# Time of the worker to report what it has, when it is stopped.
_STOP_SECONDS = 0.7


class LoadGenerator:
    """Implements Generate. `environment` is inherited by the worker, which runs in `source`."""

    def __init__(self, *, source: str, environment: Mapping[str, str]) -> None:
        self._program = WorkerProgram(
            python=sys.executable, module=MODULE, root=source, environment=environment
        )

    async def __call__(self, job: LoadTestJob, watch: LoadWatch) -> LoadTestResult | None:
        """The result; None if `watch.stop` was set before there was one.

        Raises LoadTestRejected if the server does not accept the input, and WorkerDied.
        """
        async with worker(self._program, job, Unheard()) as running:
            following = asyncio.create_task(_follow(running, watch))
            stopped = asyncio.create_task(watch.stop.wait())
            try:
                await asyncio.wait({following, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    return following.result()
                running.terminate()
                await asyncio.wait({following}, timeout=_STOP_SECONDS)
                return _of_stopped(following)
            finally:
                following.cancel()
                stopped.cancel()
                await asyncio.gather(following, stopped, return_exceptions=True)


def _of_stopped(following: asyncio.Task[LoadTestResult]) -> LoadTestResult | None:
    """What a stopped worker reported: nothing, if it had not begun to measure."""
    if following.done() and following.exception() is None:
        return following.result()
    return None


async def _follow(running: Worker, watch: LoadWatch) -> LoadTestResult:
    result: LoadTestResult | None = None
    async for raw in running.lines():
        try:
            line = LoadTestLine.model_validate_json(raw)
        except ValidationError:
            break
        if line.kind == "failed":
            raise LoadTestRejected(line.message)
        if line.kind == "warm":
            await watch.on_warm()
            await running.send(b"begin")
        elif line.progress is not None:
            watch.on_progress(line.progress)
        result = line.result or result
    if result is None:
        raise WorkerDied(f"The load generator exited with status {running.exit_status}.")
    return result
