"""What the steps may use of the world; filled in by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backend.domain.decide import Question
from backend.domain.deployment import Receipt
from backend.domain.machine import Machine
from backend.domain.model import Fit, ModelFacts
from backend.domain.plan import Environment, Plan, Snapshot
from backend.domain.report import Report
from backend.domain.request import DeploymentRequest
from backend.runtimes.base import Runtime


class Models(Protocol):
    """The part of the hub package that the steps need."""

    async def facts(self, request: DeploymentRequest) -> ModelFacts:
        """Look the model up and pin its commit. Raises catalogue errors."""
        ...

    async def is_cached(self, model: ModelFacts) -> bool:
        """Whether every file is on disk."""
        ...

    async def download(self, model: ModelFacts, report: Report) -> Snapshot:
        """Fetch and check what is missing; killed when cancelled, goes on where it was."""
        ...

    async def discard(self, model: ModelFacts) -> None:
        """Remove this model's partial files."""
        ...


class Host(Protocol):
    """The part of the host package that the steps need."""

    def machine(self) -> Machine:
        """What the machine has, now."""
        ...

    def estimate_memory(self, model: ModelFacts, dtype: str, task: str) -> int:
        """Bytes that a server of this model needs."""
        ...

    def fit(self, needed: int | None, machine: Machine, limit: int) -> Fit:
        """Whether that fits."""
        ...

    def expected_speed(self, model: ModelFacts, dtype: str, task: str) -> str | None:
        """A sentence where facts allow one."""
        ...


class Packages(Protocol):
    """The part of the packages package that the steps need."""

    def needed(self, model: ModelFacts, task: str) -> list[str]:
        """Extras that the model needs."""
        ...

    def unknown(self, extras: list[str]) -> list[str]:
        """Names that are not extras of ours."""
        ...

    async def install(self, extras: list[str], report: Report) -> Environment:
        """Make an environment with these extras."""
        ...


class Prober(Protocol):
    """One real request to an endpoint."""

    async def __call__(self, plan: Plan, url: str, *, wants_key: bool) -> "Answer":
        """Send the task's sample, a fresh one. Raises VerifyFailed."""
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `content_type` is of the body that was sent."""

    input: object
    output: object
    latency_ms: float
    content_type: str
    warning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Settings that the steps judge and build by; sizes in bytes, times in seconds."""

    steps: dict[str, float]
    max_model_bytes: int
    max_memory_bytes: int
    ports: range
    own_ports: dict[int, str]  # of the control plane, each with the name of its setting
    serve_host: str
    inference_timeout: float
    api_key_sha256: str | None
    key_by_default: bool
    allowed_hosts: list[str]
    cors_origins: list[str]
    trusted_proxies: list[str]
    public_url: str | None
    wizard_url: str
    cache: Path


@dataclass(frozen=True, kw_only=True)
class PipelineDependencies:
    """Everything a deployment needs from outside."""

    models: Models
    host: Host
    packages: Packages
    runtimes: dict[str, Runtime]
    select_engine: Callable[[Question, int, str], Awaitable[Receipt]]
    probe: Prober
    limits: Limits
