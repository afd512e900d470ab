"""Rows as frozen values, for the packages that do not use the tables."""

from typing import Literal

from backend.domain.base import Value
from backend.domain.deployment import Progress, Proof, Result, State
from backend.domain.plan import Plan
from backend.domain.prepared import Prepared
from backend.domain.request import DeploymentRequest
from backend.domain.server import MemoryUse, ServerHandle
from backend.errors import Problem

Wanted = Literal["running", "paused", "scaledToZero", "cancelled", "deleted"]


class DeploymentRecord(Value):
    """A row of deployments."""

    id: str
    name: str
    state: State
    wanted: Wanted
    message: str
    task: str | None
    port: int | None
    version: int
    generation: int
    progress: Progress
    problem: Problem | None
    created_at: str
    updated_at: str


class VersionRecord(Value):
    """A row of versions."""

    deployment_id: str
    n: int
    request: DeploymentRequest
    plan: Plan | None
    prepared: Prepared | None
    proof: Proof | None
    result: Result | None


class ServerRecord(Value):
    """A row of servers."""

    id: str
    deployment_id: str
    version: int
    generation: int
    state: Literal["running", "exited"]
    handle: ServerHandle
    memory: MemoryUse | None


class AttemptRecord(Value):
    """A row of attempts."""

    id: str
    subject: str
    kind: str
    version: int
    generation: int
    state: Literal["pending", "running", "succeeded", "failed", "cancelled"]
    elapsed_seconds: float
    created_at: str


class DeploymentQuery(Value):
    """Filters and page of the list of deployments."""

    state: str | None = None
    task: str | None = None
    search: str | None = None
    limit: int = 50
    cursor: str | None = None
