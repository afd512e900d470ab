"""The Hub protocol: how the other packages look up and download models, from any source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from backend.domain.base import Value
from backend.domain.model import Fit, ModelCard, ModelDetail, ModelFacts
from backend.domain.plan import Snapshot
from backend.domain.report import Report
from backend.domain.request import DeploymentRequest, Source

CardSource = Literal["hub", "starter", "local", "cached"]
# Cards of this package have no fit; the API, which knows the machine, replaces it.
UNKNOWN_FIT = Fit(verdict="unknown", needed_bytes=None, free_bytes=0, reason="Not estimated yet.")


@dataclass(frozen=True, kw_only=True)
class ModelQuery:
    """Parameters of one page of models; `cursor` is opaque, from the previous page."""

    source: CardSource = "starter"
    search: str | None = None
    task: str | None = None
    limit: int = 20
    cursor: str | None = None


class CardPage(Value):
    """One page of cards."""

    items: list[ModelCard]
    next_cursor: str | None = None


class CachedModel(Value):
    """A model in a cache, with its commits and size."""

    source: Source = "hub"
    model_id: str
    commits: list[str]
    bytes: int = Field(description="On disk; files that revisions share count once.")
    directory: str
    last_used_at: datetime | None = Field(
        default=None,
        description="Last access of a file as recorded by the file system; null if unknown.",
    )
    freeable: bool = Field(
        description="False in the cache of another program, which Slipway does not change."
    )


@dataclass(frozen=True, kw_only=True)
class Detail:
    """The full view of a model in the wizard, and the facts that its memory estimate needs.

    `facts` is None if they cannot be read; the note of the card then states why (gated, damaged).
    """

    card: ModelDetail
    facts: ModelFacts | None


@dataclass(frozen=True, kw_only=True)
class HubOptions:
    """Locations, limits and credentials. Times in seconds, sizes in bytes."""

    endpoint: str
    cache: Path
    temp: Path
    state: Path
    local_models: Path
    starters: Path
    existing_caches: tuple[Path, ...] = ()
    token: Callable[[], str | None] = lambda: None
    offline: bool = False
    allow_insecure_endpoint: bool = False
    question_seconds: float = 5.0
    search_seconds: float = 3.0
    stall_seconds: float = 30.0
    retries: int = 6
    reserve_bytes: int = 10**9
    python: str | None = None
    memory_bytes: int | None = None


class Hub(Protocol):
    """Looks up models and downloads their files."""

    async def facts(self, request: DeploymentRequest) -> ModelFacts:
        """Facts of the requested model: pins the commit and selects files; downloads no weights.

        Called by validate and preflight. Raises ModelNotFound, RevisionNotFound, ModelGated,
        HubUnauthorized, HubUnreachable (after at most 5 s), HubOffline, HubRateLimited,
        UnsafeRepository, CorruptModel, MissingFiles. Pickle-only weights, remote code and an
        unknown task are facts, which validate accepts or rejects.
        """
        ...

    async def download(self, model: ModelFacts, report: Report) -> Snapshot:
        """Download the model and verify every file. Idempotent: a repeated call resumes.

        Called by the download step. Runs in a worker process that ends if this is cancelled or the
        control plane ends. Partial files stay, so that a retry resumes; `discard` removes them.
        Raises the errors of `facts` and HubStalled, CorruptFile, DiskFull, WorkerDied.
        """
        ...

    async def discard(self, model: ModelFacts) -> None:
        """Called when a user cancels: remove partial files that no other download uses."""
        ...

    async def is_cached(self, model: ModelFacts) -> bool:
        """Whether every file is on disk, by name and size; does not compute hashes."""
        ...

    async def search(self, query: ModelQuery) -> CardPage:
        """One page of cards, without fit. Raises HubUnreachable after at most 3 s."""
        ...

    async def detail(self, source: CardSource, model_id: str, revision: str = "main") -> Detail:
        """The full view of one model. A gated or damaged model is returned without facts."""
        ...

    async def cached(self) -> list[CachedModel]:
        """Models in the caches, largest first."""
        ...

    async def free(self, model_id: str) -> int:
        """Remove a model from Slipway's own cache; return the bytes freed, 0 if not cached."""
        ...
