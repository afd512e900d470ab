"""Files of a model, downloaded or derived from them, and the deployments that use them."""

from backend.api.services import Services
from backend.domain.request import Source
from backend.hub.base import CachedModel
from backend.store.records import VersionRecord


async def users_of(use: Services) -> dict[tuple[Source, str], list[str]]:
    """Names of the deployments of each model, in alphabetical order."""
    living = await use.store.deployments.living()
    versions = await use.store.versions.many([(item.id, item.version) for item in living])
    names: dict[tuple[Source, str], list[str]] = {}
    for item in sorted(living, key=lambda item: item.name):
        for key in models_of(versions[item.id]):
            names.setdefault(key, []).append(item.name)
    return names


def models_of(version: VersionRecord) -> list[tuple[Source, str]]:
    """The model of a version, and its companion: the base model of an adapter, or a vocoder."""
    found: list[tuple[Source, str]] = [(version.request.source, version.request.model_id)]
    companion = version.plan.model.companion if version.plan else None
    if companion is not None:
        found.append((companion.source, companion.id))
    return found


async def with_derived(use: Services, item: CachedModel) -> CachedModel:
    """The model with the size of its converted and exported files added."""
    if not item.freeable:
        return item
    sizes = [await one.bytes_of("hub", item.model_id) for one in use.derived]
    return item.model_copy(update={"bytes": item.bytes + sum(sizes)})


async def free_files(use: Services, source: Source, model_id: str) -> int:
    """Remove downloaded, converted and exported files; return their size in bytes."""
    derived = sum([await one.free(source, model_id) for one in use.derived])
    return derived + (await use.hub.free(model_id) if source == "hub" else 0)
