"""Run a download in a worker process: pass the job, report its lines, map its exit."""

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
from backend.workers.process import Worker, WorkerProgram, worker

_ROOT = Path(backend.__file__).parents[1]
_TERM_SECONDS = 1.0


async def run_worker(options: HubOptions, model: ModelFacts, memory: Path, report: Report) -> int:
    """Download in a worker process; return the bytes received over the network.

    The worker is gone when this returns, also after an error or a cancellation.
    """
    program = WorkerProgram(
        python=options.python or sys.executable,
        module="backend.hub.worker",
        root=str(_ROOT),
        term_seconds=_TERM_SECONDS,
    )
    async with worker(program, _job(options, model, memory), report) as running:
        last = await _follow(running, report)
        return _outcome(running.exit_status, last)


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


async def _follow(running: Worker, report: Report) -> Line | None:
    last: Line | None = None
    async for raw in running.lines():
        last = Line.model_validate_json(raw)
        _report_progress(report, last)
    return last


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


def _outcome(exit_status: int | None, last: Line | None) -> int:
    if last is not None and last.kind == "failed":
        failure = Failure.model_validate_json(last.message)
        facts: dict[str, Any] = dict(failure.facts)
        raise ERRORS[failure.code](failure.detail, **facts)
    fetched = last.details.get("fetched_bytes") if last is not None else None
    if exit_status != 0 or not isinstance(fetched, int):
        raise WorkerDied(f"The download worker exited with status {exit_status}.")
    return fetched
