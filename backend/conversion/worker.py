"""Run the conversion worker: pass the job, report its lines, map its exit."""

import signal
from typing import Any

from pydantic import ValidationError

from backend.domain.conversion import ConversionJob, ConversionLine
from backend.domain.report import Report
from backend.errors import ERRORS
from backend.errors.server import OutOfMemory, WorkerDied
from backend.workers.process import Worker, WorkerProgram, worker

MODULE = "backend.inference.conversion"
_KILLED = {signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT}


async def run_worker(program: WorkerProgram, job: ConversionJob, report: Report) -> ConversionLine:
    """Convert in a worker process; return its last line.

    The worker is gone when this returns, also after an error or a cancellation. Raises
    UnsafeFormat, ConversionFailed, OutOfMemory and WorkerDied.
    """
    async with worker(program, job, report) as running:
        last = await _follow(running, report)
        return _outcome(running.exit_status, last)


async def _follow(running: Worker, report: Report) -> ConversionLine | None:
    last: ConversionLine | None = None
    async for raw in running.lines():
        try:
            last = ConversionLine.model_validate_json(raw)
        except ValidationError:
            # Code in the pickle file can write anything; the outcome is then WorkerDied.
            return None
        if last.kind == "progress":
            report(last.message, fraction=last.fraction)
    return last


def _outcome(exit_status: int | None, last: ConversionLine | None) -> ConversionLine:
    if last is not None and last.kind == "failed" and last.code in ERRORS:
        facts: dict[str, Any] = dict(last.facts)
        raise ERRORS[last.code](last.message, **facts)
    if exit_status == 0 and last is not None and last.kind == "done":
        return last
    if -(exit_status or 0) in _KILLED:
        raise OutOfMemory("The process that converts the pickle weights was killed.")
    raise WorkerDied(f"The conversion worker exited with status {exit_status}.")
