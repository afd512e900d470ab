"""What the rest of the product asks of models, wherever they come from."""

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
# Cards leave here without a fit; who knows the machine replaces this.
UNKNOWN_FIT = Fit(verdict="unknown", needed_bytes=None, free_bytes=0, reason="Not estimated yet.")


@dataclass(frozen=True, kw_only=True)
class ModelQuery:
    """One page of models; the cursor is opaque and comes from the page before."""

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
    """One model that the cache holds."""

    source: Source = "hub"
    model_id: str
    commits: list[str]
    bytes: int = Field(description="On disk; files that revisions share count once.")
    directory: str
    last_used_at: datetime | None = Field(
        default=None,
        description="Last access of a file, as the file system records it; null if it does not.",
    )
    freeable: bool = Field(description="False in another program's cache, which we never change.")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A model as the wizard's aside shows it, and the facts that its memory estimate needs.

    `facts` is None where they can't be read; the card then says why (gated, damaged).
    """

    card: ModelDetail
    facts: ModelFacts | None


@dataclass(frozen=True, kw_only=True)
class HubOptions:
    """Where models come from and where they go; seconds and bytes."""

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


class Hub(Protocol):
    """Looks models up and brings their files here."""

    async def facts(self, request: DeploymentRequest) -> ModelFacts:
        """Called by validate and preflight. Pins the commit, chooses the files, fetches no weights.

        Raises ModelNotFound, RevisionNotFound, ModelGated, HubUnauthorized, HubUnreachable (after
        at most 5 s), HubOffline, HubRateLimited, UnsafeRepository, CorruptModel, MissingFiles.
        Pickle only, remote code and an unknown task are facts, judged by validate.
        """
        ...

    async def download(self, model: ModelFacts, report: Report) -> Snapshot:
        """Called by the download step; may be called again at any time, then goes on where it was.

        Works in a process that dies when this is cancelled or the control plane ends. Partial files
        stay, so that a retry resumes; `discard` removes them. Every file is verified before return.
        Raises the errors of `facts` and HubStalled, CorruptFile, DiskFull, WorkerDied.
        """
        ...

    async def discard(self, model: ModelFacts) -> None:
        """Called when a person cancels: removes partial files that no other download uses."""
        ...

    async def is_cached(self, model: ModelFacts) -> bool:
        """Whether every file is on disk already, by name and size; nothing is hashed."""
        ...

    async def search(self, query: ModelQuery) -> CardPage:
        """One page of cards without fit. Raises HubUnreachable within 3 s."""
        ...

    async def detail(self, source: CardSource, model_id: str, revision: str = "main") -> Detail:
        """One model in full. Gated or damaged models are shown, not raised."""
        ...

    async def cached(self) -> list[CachedModel]:
        """Models in the caches, largest first."""
        ...

    async def free(self, model_id: str) -> int:
        """Remove a model from our cache; returns the bytes freed, 0 if there was nothing."""
        ...
