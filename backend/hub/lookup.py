"""Look up the facts of a model on the Hub."""

import asyncio
from dataclasses import replace

from backend.domain.model import ModelFacts
from backend.domain.text import REVISION
from backend.errors import PlatformError
from backend.hub import weight_files
from backend.hub.base_model import BASE_MODEL
from backend.hub.client import HubClient
from backend.hub.conversions import conversion
from backend.hub.facts import Identity, assemble
from backend.hub.file_selection import Allowed
from backend.hub.listing import Listing, listing
from backend.hub.repository_inspection import HubReader, inspect_repository
from backend.tasks.missing import needs_timm

_SEARCH_SECONDS = 3.0
_PULL_REQUESTS = 10
# The name that the authors of DETR and its relatives gave it.
_TIMM_FREE = "no_timm"


async def hub_facts(
    client: HubClient, model_id: str, revision: str, allowed: Allowed
) -> ModelFacts:
    """All facts of a Hub model. Raises the errors of `Hub.facts`.

    Weights that exist only as pickle files are replaced by those of the Hub's own conversion to
    safetensors, if it has one of the same files.
    """
    found = await listing(client, model_id, revision)
    layout = weight_files.layout_of(found.files)
    converted = await conversion(client, model_id, found) if layout and layout.is_pickle else None
    files = found.files | (converted.files if converted else {})
    commits = {path: file.commit for path, file in files.items() if file.commit}
    reader = HubReader(client, model_id, found.commit, commits)
    seen = await inspect_repository(reader, files, allowed)
    replacement = None
    if seen.pickle and seen.pickle.refused:
        replacement = await safetensors_revision(client, model_id, revision)
    known = identity(client, found, model_id, revision, replacement)
    known = replace(known, weights_revision=converted.revision if converted else None)
    if needs_timm(seen.configs.get("config.json", {})):
        known = replace(known, timm_free_revision=await timm_free_revision(client, model_id))
    facts = assemble(known, seen)
    if facts.quantization and facts.quantization.loads is None:
        sibling = await gguf_sibling(client, facts.base_model)
        facts = facts.model_copy(update={"gguf_sibling": sibling})
    return facts


def identity(
    client: HubClient, found: Listing, model_id: str, revision: str, replacement: str | None = None
) -> Identity:
    """Identity and metadata of the model on the Hub."""
    info = found.info
    return Identity(
        id=model_id,
        source="hub",
        revision=revision,
        commit=found.commit,
        pipeline_tag=info.pipeline_tag,
        library=info.library_name,
        license=info.license,
        tags=tuple(info.tags),
        gated=bool(info.gated),
        page=f"{client.origin.url}/{model_id}",
        safetensors_revision=replacement,
    )


async def timm_free_revision(client: HubClient, model_id: str) -> str | None:
    """The branch of a detector whose backbone is in transformers itself, or None."""
    try:
        async with asyncio.timeout(_SEARCH_SECONDS):
            references = await client.references(model_id)
    except (PlatformError, TimeoutError):
        return None  # only a suggestion: the model is rejected in any case
    return next((one.name for one in references.branches if one.name == _TIMM_FREE), None)


async def gguf_sibling(client: HubClient, base_model: str | None) -> str | None:
    """The most downloaded repository with this model in GGUF files, or None."""
    if base_model is None:
        return None
    tags = ["gguf", f"{BASE_MODEL}quantized:{base_model}"]
    try:
        found = await client.search(
            {"filter": tags, "sort": "downloads", "direction": "-1", "limit": "5", "expand": "tags"}
        )
    except PlatformError:
        return None  # only a suggestion: the model is rejected in any case
    # The filter again: a mirror may ignore it.
    return next((one.id for one in found.models if set(tags) <= set(one.tags)), None)


async def safetensors_revision(client: HubClient, model_id: str, without: str) -> str | None:
    """A branch or pull request with safetensors (opened by the Hub's conversion bot), or None."""
    try:
        async with asyncio.timeout(_SEARCH_SECONDS):
            references = await client.references(model_id)
            branches = [reference.name for reference in references.branches]
            pulls = [reference.ref for reference in references.pullRequests or []]
            for candidate in (*branches, *pulls[:_PULL_REQUESTS]):
                if candidate == without or not REVISION.fullmatch(candidate):
                    continue
                entries = await client.tree(model_id, candidate)
                if weight_files.has_safetensors(entry.path for entry in entries):
                    return candidate
    except (PlatformError, TimeoutError):
        return None  # only a suggestion: the model is rejected in any case
    return None
