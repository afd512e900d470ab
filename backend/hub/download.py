"""Run a download in a worker process: pass the job, report its lines, map its exit."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import backend
from backend.domain.model import ModelFacts
from backend.domain.report import Report
from backend.errors import ERRORS
from backend.errors.server import WorkerDied
from backend.hub.base import HubOptions
from backend.hub.job import Failure, Job, Line

_ROOT = Path(backend.__file__).parents[1]
_TERM_SECONDS = 1.0
_MORE_OF_A_LINE = 1 << 20


async def run_worker(options: HubOptions, model: ModelFacts, memory: Path, report: Report) -> int:
    """Download in a worker process; return the bytes received over the network.

    The worker is gone when this returns, also after an error or a cancellation.
    """
    process = await asyncio.create_subprocess_exec(
        options.python or sys.executable,
        "-m",
        "backend.hub.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        start_new_session=True,
        limit=_MORE_OF_A_LINE,
    )
    try:
        await _hand_over(process, _job(options, model, memory))
        last, _ = await asyncio.gather(_follow(process, report), _log_output(process, report))
        await process.wait()
    finally:
        await _end(process)
    return _outcome(process, last)


def _job(options: HubOptions, model: ModelFacts, memory: Path) -> Job:
    return Job(
        model=model,
        endpoint=options.endpoint,
        token=options.token(),
        allow_insecure=options.allow_insecure_endpoint,
        cache=str(options.cache.absolute()),
        temp=str(options.temp.absolute()),
        memory=str(memory.absolute()),
        stall_seconds=options.stall_seconds,
        retries=options.retries,
        reserve_bytes=options.reserve_bytes,
    )


async def _hand_over(process: asyncio.subprocess.Process, job: Job) -> None:
    # stdin stays open: its end signals the worker that the control plane is gone.
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        await process.stdin.drain()


async def _follow(process: asyncio.subprocess.Process, report: Report) -> Line | None:
    last: Line | None = None
    while process.stdout is not None and (raw := await process.stdout.readline()):
        last = Line.model_validate_json(raw)
        _report_progress(report, last)
    return last


async def _log_output(process: asyncio.subprocess.Process, report: Report) -> None:
    """Copy the worker's stderr, such as a traceback, to the deployment's log."""
    while process.stderr is not None and (raw := await process.stderr.readline()):
        report.line(raw.decode(errors="replace").rstrip())


def _report_progress(report: Report, line: Line) -> None:
    if line.kind == "stalled":
        report.stalled(line.message, **line.details)
    elif line.kind == "retrying":
        report.retrying(line.message, **line.details)
    elif line.kind in {"progress", "done"}:
        done, total = line.details.get("bytes_done"), line.details.get("bytes_total")
        fraction = None
        if isinstance(done, int) and isinstance(total, int):
            fraction = done / total if total else 1.0
        report(line.message, fraction=fraction, **line.details)


def _outcome(process: asyncio.subprocess.Process, last: Line | None) -> int:
    if last is not None and last.kind == "failed":
        failure = Failure.model_validate_json(last.message)
        facts: dict[str, Any] = dict(failure.facts)
        raise ERRORS[failure.code](failure.detail, **facts)
    fetched = last.details.get("fetched_bytes") if last is not None else None
    if process.returncode != 0 or not isinstance(fetched, int):
        raise WorkerDied(f"The download worker exited with status {process.returncode}.")
    return fetched


async def _end(process: asyncio.subprocess.Process) -> None:
    _signal(process, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _TERM_SECONDS)
    except TimeoutError:
        _signal(process, signal.SIGKILL)
        await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
