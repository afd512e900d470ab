"""Routes of models and of the cache: search, get, list, remove."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from backend.api.cached_files import free_files, users_of, with_derived
from backend.api.documented import MAY_FAIL
from backend.api.services import Services, Use
from backend.domain.base import Value
from backend.domain.model import Fit, ModelCard, ModelDetail
from backend.domain.request import Source
from backend.domain.text import ModelId, Revision
from backend.errors.state import StateForbids
from backend.host.memory import PROCESS_BYTES
from backend.hub.base import CachedModel, CardSource, ModelQuery

router = APIRouter(tags=["models"], responses=MAY_FAIL)
ASSUMED_DTYPE = "float32"
MARGIN = 1.1


class ModelPage(Value):
    """One page of model cards."""

    items: list[ModelCard]
    next_cursor: str | None
    directory: str | None = Field(
        default=None, description="Folder that is listed, for the sources `local` and `cached`."
    )


class CacheItem(CachedModel):
    """A cached model and the deployments that use it."""

    used_by: list[str] = Field(description="Names of deployments.")


class CachePage(Value):
    """The models in the cache."""

    items: list[CacheItem]
    next_cursor: str | None = None
    directory: str = Field(description="Folder of Slipway's own cache.")
    total_bytes: int = Field(description="Size of all models in Slipway's own cache, in bytes.")
    disk_free_bytes: int = Field(description="Free space on the disk of the downloads, in bytes.")


class Freed(Value):
    """Result of a removal."""

    freed_bytes: int


class SearchQuery(BaseModel):
    """Filters and pagination."""

    model_config = {"extra": "forbid"}

    search: str | None = Field(
        default=None, max_length=200, description="Search text, model id or Hub URL."
    )
    task: str | None = Field(default=None, max_length=60, description="Filter by task.")
    source: CardSource = Field(default="starter", description="Sources to search.")
    limit: int = Field(default=20, ge=1, le=100, description="Page size.")
    cursor: str | None = Field(
        default=None, max_length=2000, description="Cursor from the previous page."
    )


def rough_fit(use: Services, card: ModelCard, free: int) -> Fit:
    """Fit from the card alone: four bytes per parameter, or the download size."""
    size = card.parameters * 4 if card.parameters else card.download_bytes
    machine = use.pipeline.host.machine()
    if card.kind:
        return Fit(
            verdict="unknown", needed_bytes=None, free_bytes=free, reason="It cannot be deployed."
        )
    if size is None:
        return Fit(
            verdict="unknown", needed_bytes=None, free_bytes=free, reason="Its size is unknown."
        )
    needed = int(size * MARGIN) + PROCESS_BYTES
    return use.pipeline.host.fit(needed, machine, use.pipeline.limits.max_memory_bytes)


@router.get("/models")
async def search(use: Use, query: Annotated[SearchQuery, Query()]) -> ModelPage:
    """Search models. Each card has a fit verdict for this machine."""
    page = await use.hub.search(
        ModelQuery(
            source=query.source,
            search=query.search,
            task=query.task,
            limit=query.limit,
            cursor=query.cursor,
        )
    )
    free = use.pipeline.host.machine().memory_free_bytes
    users = await users_of(use)
    cards = [
        card.model_copy(
            update={"fit": rough_fit(use, card, free), "used_by": users.get(key_of(card), [])}
        )
        for card in page.items
    ]
    return ModelPage(
        items=cards, next_cursor=page.next_cursor, directory=directory_of(use, query.source)
    )


def directory_of(use: Services, source: CardSource) -> str | None:
    """The directory that a source lists; None for sources without one."""
    folders = {"local": use.paths.local_models, "cached": use.paths.cache}
    return str(folders[source]) if source in folders else None


def key_of(card: ModelCard) -> tuple[Source, str]:
    """Source and id as in a request: a cached model has the source `hub`."""
    return ("hub" if card.source == "cached" else card.source, card.id)


@router.get("/models/{source}/{model_id:path}")
async def show(
    use: Use,
    source: Literal["hub", "starter", "local", "cached"],
    model_id: Annotated[ModelId, Path(description="`owner/name`, or a name.")],
    revision: Annotated[Revision, Query(description="Branch, tag or commit.")] = "main",
) -> ModelDetail:
    """Get one model: files, license, formats, memory and required extras."""
    found = await use.hub.detail(source, model_id, revision)
    card, facts = found.card, found.facts
    machine = use.pipeline.host.machine()
    if facts is None:
        return card.model_copy(update={"fit": rough_fit(use, card, machine.memory_free_bytes)})
    task = facts.task or "unknown"
    needed = use.pipeline.host.estimate_memory(facts, ASSUMED_DTYPE, task)
    fit = use.pipeline.host.fit(needed, machine, use.pipeline.limits.max_memory_bytes)
    needs = use.pipeline.packages.needed(facts, task)
    return card.model_copy(update={"fit": fit, "estimated_memory_bytes": needed, "needs": needs})


@router.get("/cache")
async def cache(use: Use) -> CachePage:
    """List the cached models, their size, and which deployments use them."""
    users = await users_of(use)
    found = await use.hub.cached()
    items = [
        CacheItem(**item.model_dump(), used_by=users.get(("hub", item.model_id), []))
        for item in [await with_derived(use, item) for item in found]
    ]
    return CachePage(
        items=items,
        directory=str(use.paths.cache),
        total_bytes=sum(item.bytes for item in items if item.freeable),
        disk_free_bytes=use.pipeline.host.machine().disk_free_bytes,
    )


@router.delete("/cache/{source}/{model_id:path}")
async def free(use: Use, source: Literal["hub"], model_id: ModelId) -> Freed:
    """Remove a model from the cache; 409 if a deployment uses it."""
    users = (await users_of(use)).get(("hub", model_id))
    if users:
        detail = f"{model_id!r} is used by {', '.join(users)}."
        raise StateForbids(detail, allowed="is not used by a deployment")
    return Freed(freed_bytes=await free_files(use, "hub", model_id))
