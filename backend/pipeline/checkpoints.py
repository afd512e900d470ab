"""Checkpoints of an attempt, stored with the version, and its initial progress."""

from pathlib import Path

from pydantic import BaseModel

from backend.domain.addresses import endpoint_url
from backend.domain.deployment import Progress, Proof, StepName
from backend.domain.plan import Plan
from backend.domain.prepared import Prepared
from backend.domain.server import ServerHandle
from backend.pipeline.dependencies import Limits
from backend.pipeline.deploy import STEPS
from backend.pipeline.progress_tracker import ProgressTracker, Row
from backend.pipeline.usage import usage
from backend.store import Store
from backend.store.records import VersionRecord


def new_tracker(deployment_id: str, limits: Limits) -> ProgressTracker:
    """A tracker with six queued steps; time limits in seconds from the settings."""
    rows: dict[StepName, Row] = {
        step.name: Row(
            name=step.name,
            title=step.title,
            weight=step.weight,
            limit=limits.steps[step.name],
            estimate=step.estimate_seconds,
        )
        for step in STEPS
    }
    return ProgressTracker(deployment_id=deployment_id, rows=rows)


def blank_progress(deployment_id: str, limits: Limits, message: str) -> Progress:
    """Progress of an attempt that has not started."""
    progress = new_tracker(deployment_id, limits).progress()
    return progress.model_copy(
        update={"message": message, "elapsed_seconds": 0.0, "eta_seconds": None}
    )


class Checkpoints:
    """Stores the values of steps in the rows of one version."""

    def __init__(
        self, store: Store, version: VersionRecord, generation: int, limits: Limits
    ) -> None:
        self._store = store
        self._version = version
        self._generation = generation
        self._limits = limits
        self._plan: Plan | None = version.plan
        self._prepared: Prepared | None = None

    def saved(self, step: str) -> BaseModel | None:
        """The plan, for validate. It pins the commit, so that a restart uses the same model."""
        return self._plan if step == "validate" else None

    async def put(self, step: str, value: BaseModel) -> None:
        """Store the value in the column for its type; values of other types are not stored."""
        key = (self._version.deployment_id, self._version.n)
        if isinstance(value, Plan):
            self._plan = value
            await self._store.versions.keep(*key, plan=value)
            await self._store.deployments.set_task(key[0], value.task)
        elif isinstance(value, Prepared):
            self._prepared = value
            await self._store.versions.keep(*key, prepared=value)
        elif isinstance(value, ServerHandle):
            await self._store.servers.add(*key, self._generation, value)
            await self._store.deployments.set_port(key[0], self._generation, value.port)
        elif isinstance(value, Proof):
            await self._proved(key, value)

    async def _proved(self, key: tuple[str, int], proof: Proof) -> None:
        server = await self._store.servers.current(key[0])
        if server is None or self._plan is None or self._prepared is None:
            return
        url = server.handle.url
        public = self._limits.public_url
        name = self._prepared.spec.name
        shown = endpoint_url(public, name, server.handle.port) if public else url
        result = usage(self._plan, self._prepared, shown, self._limits.wizard_url)
        await self._store.versions.keep(*key, proof=proof, result=result)


def attempt_log(storage: Path, deployment_id: str) -> Path:
    """Path of the log to which the attempts of a deployment are written."""
    return storage / deployment_id / "attempt.log"
