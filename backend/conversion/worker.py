"""Run the conversion worker: pass the job, report its lines, map its exit."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backend.domain.conversion import ConversionJob, ConversionLine
from backend.domain.report import Report
from backend.errors import ERRORS
from backend.errors.server import OutOfMemory, WorkerDied

_MODULE = "backend.inference.conversion"
_MOST_OF_A_LINE = 1 << 20
_KILLED = {signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT}


async def run_worker(
    python: str, root: str, environment: Mapping[str, str], job: ConversionJob, report: Report
) -> ConversionLine:
    """Convert in a worker process; return its last line.

    The worker is gone when this returns, also after an error or a cancellation. Raises
    UnsafeFormat, ConversionFailed, OutOfMemory and WorkerDied.
    """
    process = await asyncio.create_subprocess_exec(
        python, "-m", _MODULE, cwd=root, env=dict(environment), start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, limit=_MOST_OF_A_LINE,
    )  # fmt: skip
    try:
        await _hand_over(process, job)
        last, _ = await asyncio.gather(_follow(process, report), _log_output(process, report))
        # Its standard input is still open: the worker must have ended by itself.
        await process.wait()
    finally:
        await _end(process)
    return _outcome(process, last)


async def _hand_over(process: asyncio.subprocess.Process, job: ConversionJob) -> None:
    # stdin stays open: its end signals the worker that the control plane is gone.
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        await process.stdin.drain()


async def _follow(process: asyncio.subprocess.Process, report: Report) -> ConversionLine | None:
    last: ConversionLine | None = None
    while process.stdout is not None and (raw := await process.stdout.readline()):
        try:
            last = ConversionLine.model_validate_json(raw)
        except ValidationError:
            return (
                None  # Code in the pickle file can write anything; the outcome is then WorkerDied.
            )
        if last.kind == "progress":
            report(last.message, fraction=last.fraction)
    return last


async def _log_output(process: asyncio.subprocess.Process, report: Report) -> None:
    while process.stderr is not None and (raw := await process.stderr.readline()):
        report.line(raw.decode(errors="replace").rstrip())


def _outcome(process: asyncio.subprocess.Process, last: ConversionLine | None) -> ConversionLine:
    if last is not None and last.kind == "failed" and last.code in ERRORS:
        facts: dict[str, Any] = dict(last.facts)
        raise ERRORS[last.code](last.message, **facts)
    if process.returncode == 0 and last is not None and last.kind == "done":
        return last
    if -(process.returncode or 0) in _KILLED:
        raise OutOfMemory("The process that converts the pickle weights was killed.")
    raise WorkerDied(f"The conversion worker exited with status {process.returncode}.")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
