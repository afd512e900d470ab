"""State of this server for the control socket: loading, ready, failed or draining."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from backend.domain.server import ServerSpec
from backend.errors.problem import Problem
from backend.inference.metrics import Metrics

if TYPE_CHECKING:
    from backend.inference.engine import Engine

Phase = Literal["loading", "ready", "failed", "draining"]


class ServerState:
    """The mutable state of this process, changed on the event loop only."""

    def __init__(self, spec: ServerSpec, metrics: Metrics) -> None:
        self._spec = spec
        self._metrics = metrics
        self._began = time.monotonic()
        self._stop: Callable[[], None] | None = None
        self._leave: Callable[[], None] | None = None
        self.phase: Phase = "loading"
        self.message = "Loading the model"
        self.problem: Problem | None = None
        self.loaded_seconds: float | None = None
        self.is_stopping = False
        self.is_leaving = False
        self._engine: Engine | None = None

    def watch(self, engine: "Engine") -> None:
        """Report the progress of this engine's model thread from now on."""
        self._engine = engine

    def ready(self, stop: Callable[[], None], leave: Callable[[], None]) -> None:
        """Set the state to ready after the warm-up.

        `stop` stops accepting requests; `leave` stops accepting connections.
        """
        self.loaded_seconds = time.monotonic() - self._began
        self._metrics.model_load_seconds.set(self.loaded_seconds)
        self._stop, self._leave = stop, leave
        if self.is_stopping:
            self.drain()
            return
        self.phase = "ready"
        self.message = "Answering"

    def fail(self, problem: Problem) -> None:
        """Set the state to failed; the process exits soon after."""
        self.phase = "failed"
        self.message = problem.detail
        self.problem = problem

    def hello(self) -> dict[str, object]:
        """Response to the command `hello`, in all states."""
        return {
            "deployment_id": self._spec.deployment_id,
            "generation": self._spec.generation,
            "state": self.phase,
            "message": self.message,
            "problem": self.problem.model_dump() if self.problem else None,
            "loaded_seconds": self.loaded_seconds,
        }

    def drain(self) -> None:
        """Stop accepting requests and complete those in flight; exits at once while loading."""
        self.is_stopping = True
        if self.phase == "failed":
            return
        self.phase = "draining"
        self.message = "Finishing requests in progress"
        if self._stop:
            self._stop()

    def hand_over(self) -> None:
        """Leave the port to another server that has it too; see HAND_OVER_SECONDS."""
        if self._leave is None or self.is_stopping or self.is_leaving:
            self.drain()
            return
        self.is_leaving = True
        self.message = "Leaving the port to its successor"
        self._leave()

    def metrics(self) -> bytes:
        """Response to the command `metrics`."""
        return self._metrics.text()

    def ping(self) -> dict[str, object]:
        """Response to the command `ping`, in all states."""
        engine = self._engine
        return {
            "answered": self._metrics.answered,
            "in_flight": self._metrics.now_in_flight,
            "busy_seconds": round(engine.batcher.busy_seconds, 1) if engine else 0.0,
            "cpu_seconds": round(engine.batcher.cpu_seconds, 2) if engine else 0.0,
            "healthy": engine is None or engine.healthy(),
        }
