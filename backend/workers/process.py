"""Starts a worker process, follows its lines, and ends it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from backend.domain.base import Value
from backend.domain.report import Report

_MOST_OF_A_LINE = 1 << 20
_LOG_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class WorkerProgram:
    """`python -m module` in the folder `root`, where our packages are.

    `environment` None: that of this process. A worker that is no longer needed gets SIGTERM, and
    `term_seconds` later SIGKILL.
    """

    python: str
    module: str
    root: str
    environment: Mapping[str, str] | None = None
    term_seconds: float = 0.0


class Worker:
    """A running worker."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def lines(self) -> AsyncGenerator[bytes]:
        """Its lines until it closes its standard output, then wait for its exit."""
        while self._process.stdout and (raw := await self._process.stdout.readline()):
            yield raw
        # Its standard input is still open: it must have ended by itself.
        await self._process.wait()

    async def send(self, line: bytes) -> None:
        """Write a line to its standard input, also if it is about to exit."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._process.stdin.write(line + b"\n")
                await self._process.stdin.drain()

    def terminate(self) -> None:
        """Ask it to end with what it has: SIGTERM. Its lines can still be read."""
        _signal(self._process, signal.SIGTERM)

    @property
    def exit_status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.returncode


@asynccontextmanager
async def worker(program: WorkerProgram, job: Value, report: Report) -> AsyncGenerator[Worker]:
    """Start a worker with this job; its standard error is written to the log of `report`.

    The whole process group is gone at the end of the context, also after an error.
    """
    process = await asyncio.create_subprocess_exec(
        program.python, "-m", program.module, cwd=program.root, env=program.environment,
        start_new_session=True, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, limit=_MOST_OF_A_LINE,
    )  # fmt: skip
    log = asyncio.create_task(_log_output(process, report))
    try:
        running = Worker(process)
        # stdin stays open: its end signals the worker that the control plane is gone.
        await running.send(job.model_dump_json().encode())
        yield running
    finally:
        await _end(process, program.term_seconds)
        # A process outside the group, which the worker started, can keep the pipe open.
        await asyncio.wait({log}, timeout=_LOG_SECONDS)
        log.cancel()


async def _end(process: asyncio.subprocess.Process, term_seconds: float) -> None:
    if process.returncode is None and term_seconds > 0:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), term_seconds)
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


async def _log_output(process: asyncio.subprocess.Process, report: Report) -> None:
    while process.stderr is not None and (raw := await process.stderr.readline()):
        report.line(raw.decode(errors="replace").rstrip())
