"""Which candidate is the fastest on this machine: from an earlier measurement, or a new one."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from backend.domain.choice import NOT_MEASURED
from backend.domain.deployment import Candidate
from backend.domain.machine import Machine
from backend.domain.measurement import MeasurementJob, MeasurementLine
from backend.domain.report import Report, Watch
from backend.domain.server import ServerSpec
from backend.measurement.records import Records
from backend.workers.model_program import model_program
from backend.workers.process import Worker, worker

MODULE = "backend.inference.measurement"
# Models in memory at the same time, with their buffers, as a factor on the sizes of their weights.
_MEMORY_FACTOR = 1.3
# Beside the job's own time: importing the libraries and loading the first model on a busy machine.
_GRACE_SECONDS = 30.0
# How many times as long it may take where nobody waits.
_PATIENCE = 6


class Measurements:
    """Implements Measurer. `environment` is inherited by workers, which run in `source`.

    `seconds` are for measuring, `step_seconds` are the time limit of the prepare step.
    """

    def __init__(
        self,
        root: Path,
        *,
        source: str,
        environment: Mapping[str, str],
        seconds: float,
        step_seconds: float,
    ) -> None:
        self._records = Records(root)
        self._source = source
        self._environment = environment
        self._seconds, self._step_seconds = seconds, step_seconds
        # Measurements at the same time would measure each other.
        self._turn = asyncio.Lock()

    async def __call__(
        self,
        spec: ServerSpec,
        candidates: list[Candidate],
        machine: Machine,
        watch: Watch,
        *,
        nobody_waits: bool = False,
    ) -> list[Candidate]:
        """The candidates with their figures, of which the first is the reference.

        Those without figures say why in their reason. `nobody_waits`: it may take several times
        as long, beside a deployment that serves.
        """
        if self._seconds <= 0:
            return _without(candidates, "not measured: PREPARE_MEASURE_SECONDS is 0")
        seconds, limit = self._seconds, self._seconds + _GRACE_SECONDS
        if nobody_waits:
            seconds, limit = _PATIENCE * seconds, _PATIENCE * limit
        else:
            # Measuring must not be why the step takes too long.
            limit = min(limit, self._step_seconds / 2)
        job = MeasurementJob(spec=spec, candidates=candidates, seconds=min(seconds, limit))
        if known := self._records.find(job, machine):
            watch.report("measured before on this machine")
            return known
        needed = _MEMORY_FACTOR * sum(one.memory_bytes or 0 for one in candidates)
        if needed > machine.memory_free_bytes:
            return _without(candidates, "not measured: not enough free memory to compare")
        return await self._measured(job, machine, watch, limit)

    async def _measured(
        self, job: MeasurementJob, machine: Machine, watch: Watch, limit: float
    ) -> list[Candidate]:
        found: list[Candidate] = []
        skipped = asyncio.create_task(watch.skip.wait())
        running = asyncio.create_task(self._in_turn(job, watch.report, found))
        begins = "waiting for another measurement" if self._turn.locked() else "measuring"
        watch.report(begins, skippable=True)
        try:
            await asyncio.wait({skipped, running}, timeout=limit, return_when="FIRST_COMPLETED")
            is_complete = running.done() and running.result()
        finally:
            await asyncio.gather(_end(skipped), _end(running))
        # With more time, or on a machine that is less busy, there would be figures.
        if is_complete and not any(one.reason.startswith(NOT_MEASURED) for one in found):
            await asyncio.to_thread(self._records.keep, job, machine, found)
        if found:
            return found
        why = "skipped" if watch.skip.is_set() else "its process ended, or there was no time left"
        return _without(job.candidates, f"not measured: {why}")

    async def _in_turn(self, job: MeasurementJob, report: Report, found: list[Candidate]) -> bool:
        """Fill `found` with the figures so far; true if the worker came to its end."""
        spec = job.spec
        program = model_program(
            MODULE, spec, root=self._source, environment=self._environment, threads=spec.threads
        )
        async with self._turn, worker(program, job, report) as running:
            return await _follow(running, report, found)


async def _follow(running: Worker, report: Report, found: list[Candidate]) -> bool:
    is_done = False
    async for raw in running.lines():
        try:
            line = MeasurementLine.model_validate_json(raw)
        except ValidationError:
            return False
        if line.candidates:
            found[:] = line.candidates
        is_done = line.kind == "done"
        if not is_done:
            report(line.message, fraction=line.fraction, skippable=True)
    if running.exit_status and -running.exit_status == signal.SIGKILL:
        report.line("the measurement was killed, possibly because memory ran out")
    return is_done


async def _end(task: asyncio.Task[bool]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _without(candidates: list[Candidate], reason: str) -> list[Candidate]:
    return [one.model_copy(update={"reason": reason}) for one in candidates]
