"""Facts from the caches, for when the Hub is disabled, unreachable or not needed."""

import asyncio
from collections.abc import Iterator, Sequence

from backend.domain.engine import EngineName
from backend.domain.model import ModelFacts
from backend.errors import PlatformError
from backend.errors.model import MissingFiles
from backend.hub.base_model import BASE_MODEL
from backend.hub.cache import Cache
from backend.hub.facts import Identity, assemble
from backend.hub.file_selection import Allowed
from backend.hub.repository_inspection import FolderReader, inspect_repository


async def cached_facts(
    caches: Sequence[Cache], model_id: str, revision: str, allowed: Allowed
) -> ModelFacts | None:
    """Facts from the first cache that has this revision complete; None if no cache has."""
    for cache in caches:
        commit = await asyncio.to_thread(cache.commit_of, model_id, revision)
        if commit is None:
            continue
        try:
            return await _facts(cache, model_id, revision, commit, allowed)
        except PlatformError:
            continue  # an incomplete snapshot counts as missing: the caller raises the error
    return None


async def _facts(
    cache: Cache, model_id: str, revision: str, commit: str, allowed: Allowed
) -> ModelFacts:
    files = await asyncio.to_thread(cache.listing, model_id, commit)
    seen = await inspect_repository(FolderReader(cache.snapshot(model_id, commit)), files, allowed)
    known = cache.facts(model_id, commit)
    if known is not None:
        _check_engine(known, seen.engines, allowed.engine)
    identity = Identity(id=model_id, source="hub", revision=revision, commit=commit)
    if known is None:
        return assemble(identity, seen)
    told = Identity(
        id=model_id,
        source="hub",
        revision=revision,
        commit=commit,
        pipeline_tag=known.task,
        library=known.library,
        license=known.license,
        gated=known.gated,
        page=known.page,
        tags=tuple(_tags(known)),
    )
    return assemble(told, seen)


def _tags(known: ModelFacts) -> Iterator[str]:
    if known.has_code:
        yield "custom_code"
    if known.base_model:
        yield f"{BASE_MODEL}{known.base_model}"


def _check_engine(known: ModelFacts, cached: list[EngineName], requested: str) -> None:
    """Raises MissingFiles if the cache has the files of another engine than the request needs."""
    usual = "torch" if "torch" in known.engines else known.engines[0]
    needed = usual if requested == "auto" else requested
    if needed == "openvino":
        needed = "torch"  # whose files it exports
    if needed in known.engines and needed not in cached:
        raise MissingFiles(f"The files for {needed} are not cached.", missing=needed)
