"""Runs one step after the other: time limits, progress, undo, and what is kept for a restart."""

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
    """Where values of steps are kept, for this version of the deployment."""

    def saved(self, step: str) -> BaseModel | None:
        """What an earlier attempt at the same version left, for a step that is kept."""
        ...

    async def put(self, step: str, value: BaseModel) -> None:
        """Keep the value; called for every step."""
        ...


class Run:
    """One attempt's runner. `undo` is unwound on failure and cancel, `forget` on cancel only."""

    def __init__(self, reporter: Reporter, limits: dict[str, float], keep: CheckpointStore) -> None:
        self.reporter = reporter
        self.undo = AsyncExitStack()
        self.forget = AsyncExitStack()
        self._limits = limits
        self._keep = keep

    async def __call__(self, step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the step, or take what is kept of it. Raises its errors, or StepTimeout."""
        tracker = self.reporter.tracker
        tracker.begin(step.name)
        await self.reporter.tell("step_started", step.title)
        saved = self._keep.saved(step.name) if step.keep else None
        if saved is not None:
            value = step.value.validate_python(saved)
            reason = "Kept from before: nothing it rests on has changed."
        else:
            value = await self._within_limit(step, *args, **kwargs)
            await self._keep.put(step.name, value)
            reason = step.why_skipped(value) if step.why_skipped else None
        if step.expects is not None:
            expected = step.expects(value)
            tracker.reweigh(expected.weights, expected.seconds)
        tracker.end("skipped" if reason else "succeeded", reason)
        await self.reporter.tell("step_skipped" if reason else "step_succeeded", reason)
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
            detail = f"{step.title} ran longer than its limit of {seconds:g} s ({step.setting})."
            raise StepTimeout(detail, setting=step.setting) from None
