"""One attempt. It ends with exactly one of running, failed, cancelled, recorded only here."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Literal

import structlog

from backend.domain.deployment import State
from backend.domain.events import EventType
from backend.domain.origin import Origin
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError, Problem
from backend.errors.state import DatabaseBusy, InternalError
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.deploy import deploy
from backend.pipeline.run import Run
from backend.store.deployments import StaleGeneration

log = structlog.get_logger(__name__)

Ending = Literal["succeeded", "failed", "cancelled", "interrupted"]


@dataclass
class Intent:
    """Why a running attempt must stop: set before its task is cancelled."""

    leaving: Literal["no", "cancel", "shutdown"] = "no"


async def attempt(
    request: DeploymentRequest, origin: Origin, run: Run, use: PipelineDependencies, intent: Intent
) -> Ending:
    """Run the six steps and record how the attempt ended; the return value is the same result.

    A shutdown keeps everything, so that the next process resumes; a cancel removes it all.
    """
    beat = asyncio.create_task(run.reporter.beat())
    try:
        return await _outcome(request, origin, run, use, intent)
    except StaleGeneration:
        log.info("attempt_replaced", deployment_id=origin.deployment_id)
        await _unwind(run.undo, origin)
        return "interrupted"
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat


async def _outcome(
    request: DeploymentRequest, origin: Origin, run: Run, use: PipelineDependencies, intent: Intent
) -> Ending:
    try:
        proof = await deploy(request, origin, run, use)
    except asyncio.CancelledError:
        return await _stopped(run, origin, intent)
    except StaleGeneration:
        raise
    except Exception as error:
        if intent.leaving != "no":
            return await _stopped(run, origin, intent)
        return await _failed(run, origin, _problem_of(error, run, origin))
    if intent.leaving != "no":
        # A library can drop a cancellation that coincides with its result: `asyncio.wait_for` does
        # in Python 3.11. The caller was already promised that this attempt stops.
        return await _stopped(run, origin, intent)
    run.undo.pop_all()
    run.forget.pop_all()
    message = f"It responded to a request in {proof.latency_ms:.0f} ms."
    await _record(run, "running", message, state=State.RUNNING)
    return "succeeded"


async def _stopped(run: Run, origin: Origin, intent: Intent) -> Ending:
    if intent.leaving == "shutdown":
        run.undo.pop_all()
        run.forget.pop_all()
        return "interrupted"
    await _unwind(run.undo, origin)
    await _unwind(run.forget, origin)
    run.reporter.tracker.end("cancelled")
    await _record(
        run, "cancelled", "Cancelled; all partial files were removed.", state=State.CANCELLED
    )
    return "cancelled"


def _problem_of(error: Exception, run: Run, origin: Origin) -> Problem:
    if not isinstance(error, PlatformError):
        log.error("attempt_crashed", deployment_id=origin.deployment_id, exc_info=error)
        error = InternalError("An unexpected error ended this attempt.")
    return error.problem(run.reporter.tracker.current)


async def _failed(run: Run, origin: Origin, problem: Problem) -> Ending:
    await _unwind(run.undo, origin)
    run.forget.pop_all()
    run.reporter.tracker.end("failed", problem.detail)
    problem = problem.model_copy(update={"instance": origin.deployment_id})
    await _record(run, "failed", problem.detail, state=State.FAILED, problem=problem)
    return "failed"


async def _record(
    run: Run,
    kind: EventType,
    message: str,
    *,
    state: State,
    problem: Problem | None = None,
) -> None:
    """Store how the attempt ended, however long the database is busy: nobody else would."""
    while True:
        try:
            await run.reporter.emit(kind, message, state=state, problem=problem)
        except DatabaseBusy as error:
            log.warning("ending_not_stored", ending=kind, detail=error.detail)
            await asyncio.sleep(error.retry_after or 1)
        else:
            return


async def _unwind(stack: AsyncExitStack, origin: Origin) -> None:
    """Undo what was built. A failure is only logged, so that it cannot change the result."""
    try:
        await stack.aclose()
    except Exception:
        log.exception("undo_failed", deployment_id=origin.deployment_id)
