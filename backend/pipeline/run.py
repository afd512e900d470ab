"""Runs the steps of an attempt: time limits, progress, undo, and checkpoints for a restart."""

import asyncio
from contextlib import AsyncExitStack
from typing import ParamSpec, Protocol, TypeVar

from pydantic import BaseModel

from backend.errors.server import StepTimeout
from backend.pipeline.reporter import Reporter
from backend.pipeline.step import Step

P = ParamSpec("P")
T = TypeVar("T", bound=BaseModel)


class CheckpointStore(Protocol):
    """Stores the values of steps, for one version of a deployment."""

    def saved(self, step: str) -> BaseModel | None:
        """The value that an earlier attempt at the same version stored for a step with `keep`."""
        ...

    async def put(self, step: str, value: BaseModel) -> None:
        """Store the value; called after every step."""
        ...


class Run:
    """The runner of one attempt. `undo` runs on failure and cancel, `forget` on cancel only."""

    def __init__(self, reporter: Reporter, limits: dict[str, float], keep: CheckpointStore) -> None:
        self.reporter = reporter
        self.undo = AsyncExitStack()
        self.forget = AsyncExitStack()
        self._limits = limits
        self._keep = keep

    async def __call__(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the step, or use its checkpoint. Raises the step's errors, or StepTimeout."""
        tracker = self.reporter.tracker
        tracker.begin(step.name)
        await self.reporter.emit("step_started", step.title)
        saved = self._keep.saved(step.name) if step.keep else None
        if saved is not None:
            value = step.value.validate_python(saved)
            reason = "Reused: its inputs have not changed."
        else:
            value = await self._within_limit(step, *args, **kwargs)
            await self._keep.put(step.name, value)
            reason = step.why_skipped(value) if step.why_skipped else None
        if step.expects is not None:
            expected = step.expects(value)
            tracker.reweigh(expected.weights, expected.seconds)
        tracker.end("skipped" if reason else "succeeded", reason)
        await self.reporter.emit("step_skipped" if reason else "step_succeeded", reason)
        return value

    async def _within_limit(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        seconds = self._limits[step.name]
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await step.body(self.reporter, *args, **kwargs)
        except TimeoutError:
            if not limit.expired():
                raise
            detail = f"{step.title} exceeded its timeout of {seconds:g} s ({step.setting})."
            raise StepTimeout(detail, setting=step.setting) from None
