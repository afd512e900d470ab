"""Interfaces of the packages that the steps use; `api_server.py` passes the implementations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backend.domain.decide import Question
from backend.domain.deployment import Candidate, Conversion, Receipt
from backend.domain.machine import Machine
from backend.domain.model import Fit, ModelFacts
from backend.domain.plan import Environment, Plan, Snapshot
from backend.domain.report import Report, Watch
from backend.domain.request import DeploymentRequest
from backend.domain.server import ServerSpec
from backend.pipeline.skips import Skips
from backend.runtimes.base import Runtime


class Models(Protocol):
    """The part of the hub package that the steps use."""

    async def facts(self, request: DeploymentRequest) -> ModelFacts:
        """Look up the model and pin its commit. Raises catalogue errors."""
        ...

    async def is_cached(self, model: ModelFacts) -> bool:
        """Whether every file is on disk."""
        ...

    async def download(self, model: ModelFacts, report: Report) -> Snapshot:
        """Download and verify the missing files; stops when cancelled, resumes when repeated."""
        ...

    async def discard(self, model: ModelFacts) -> None:
        """Remove partial files of this model."""
        ...


class Host(Protocol):
    """The part of the host package that the steps use."""

    def machine(self) -> Machine:
        """Current hardware facts of the machine."""
        ...

    def estimate_memory(self, model: ModelFacts, dtype: str, task: str) -> int:
        """Bytes of memory that a server of this model needs."""
        ...

    def fit(self, needed: int | None, machine: Machine, limit: int) -> Fit:
        """Whether `needed` bytes fit into the free memory and below `limit` bytes."""
        ...

    def expected_speed(self, model: ModelFacts, dtype: str, task: str) -> str | None:
        """Expected speed as a sentence; None where it cannot be estimated."""
        ...


class Packages(Protocol):
    """The part of the packages package that the steps use."""

    def needed(self, model: ModelFacts, task: str) -> list[str]:
        """Extras that the model requires."""
        ...

    def unavailable(self, model: ModelFacts) -> list[str]:
        """Libraries that the model requires and no extra provides."""
        ...

    def unknown(self, extras: list[str]) -> list[str]:
        """Names that are not extras of Slipway."""
        ...

    async def unusable(self, extras: list[str]) -> str | None:
        """Why one of these extras cannot be used on this machine."""
        ...

    async def install(self, extras: list[str], report: Report) -> Environment:
        """Create an environment with these extras."""
        ...


class Converter(Protocol):
    """The part of the conversion package that the steps use."""

    def is_converted(self, model: ModelFacts) -> bool:
        """Whether the converted files of this model are on disk."""
        ...

    def seal_kinds(self) -> list[str]:
        """What seals the conversion worker on this machine."""
        ...

    async def joined(
        self, model: ModelFacts, files: Snapshot, report: Report, *, runs_code: bool
    ) -> tuple[Path, Conversion | None]:
        """The folder to load, and the record of the conversion; None if nothing was converted."""
        ...


class Measurer(Protocol):
    """The part of the measurement package that the steps use."""

    async def __call__(
        self,
        spec: ServerSpec,
        candidates: list[Candidate],
        machine: Machine,
        watch: Watch,
        *,
        nobody_waits: bool = False,
    ) -> list[Candidate]:
        """The candidates with their figures, or with the reason why they have none."""
        ...


class Exporter(Protocol):
    """The part of the export package that the steps use."""

    is_on: bool
    """Whether models are exported without a request."""

    def find(self, model: ModelFacts, spec: ServerSpec) -> Path | None:
        """The folder of the model's graph, or None. Raises ExportFailed if there cannot be one."""
        ...

    async def export(
        self, model: ModelFacts, spec: ServerSpec, free_bytes: int, report: Report
    ) -> Path:
        """The folder of the model's graph, exported now if necessary. Raises ExportFailed."""
        ...


class Prober(Protocol):
    """Sends one real request to an endpoint."""

    async def __call__(self, plan: Plan, url: str, *, wants_key: bool) -> "ProbeResponse":
        """Send a new sample of the task; return the response. Raises VerifyFailed."""
        ...


@dataclass(frozen=True, kw_only=True)
class ProbeResponse:
    """The request and its response. `content_type` is that of the request body."""

    input: object
    output: object
    latency_ms: float
    content_type: str
    warning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Settings that the steps use; sizes in bytes, times in seconds."""

    steps: dict[str, float]
    max_model_bytes: int
    max_memory_bytes: int
    ports: range
    own_ports: dict[int, str]  # ports of the control plane, with the names of their settings
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
    """Everything that a deployment needs from other packages."""

    models: Models
    host: Host
    packages: Packages
    converter: Converter
    runtimes: dict[str, Runtime]
    select_engine: Callable[[Question, int, str], Awaitable[Receipt]]
    exporter: Exporter
    measure: Measurer
    skips: Skips
    probe: Prober
    limits: Limits
