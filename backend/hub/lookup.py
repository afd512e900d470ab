"""Look up the facts of a model on the Hub."""

import asyncio
from dataclasses import dataclass

from backend.domain.model import ModelFacts, ModelFile
from backend.domain.text import REVISION
from backend.errors import PlatformError
from backend.errors.hub import HubUnreachable
from backend.hub import file_selection
from backend.hub.client import HubClient
from backend.hub.facts import Identity, assemble
from backend.hub.file_selection import Allowed
from backend.hub.names import check_paths, is_commit
from backend.hub.repository_inspection import HubReader, inspect_repository
from backend.hub.schemas import RepoInfo, TreeEntry

_SAFETENSORS_SEARCH_SECONDS = 3.0
_PULL_REQUESTS = 10


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A model's metadata and files at a pinned commit; public for gated models, too."""

    info: RepoInfo
    commit: str
    files: dict[str, ModelFile]


async def listing(client: HubClient, model_id: str, revision: str) -> Listing:
    """Pin the commit and list its files. Raises UnsafeRepository on an unsafe file name."""
    info = await client.info(model_id, revision)
    commit = info.sha or ""
    if not is_commit(commit):
        raise HubUnreachable("The endpoint does not respond like a Hub: it names no commit.")
    entries = [entry for entry in await client.tree(model_id, commit) if entry.type == "file"]
    check_paths([entry.path for entry in entries])
    return Listing(info=info, commit=commit, files={entry.path: _file(entry) for entry in entries})


async def hub_facts(
    client: HubClient, model_id: str, revision: str, allowed: Allowed
) -> ModelFacts:
    """All facts of a Hub model. Raises the errors of `Hub.facts`."""
    found = await listing(client, model_id, revision)
    seen = await inspect_repository(HubReader(client, model_id, found.commit), found.files, allowed)
    replacement = None
    if seen.choice.has_pickle_only:
        replacement = await safetensors_revision(client, model_id, revision)
    return assemble(identity(client, found, model_id, revision, replacement), seen)


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


async def safetensors_revision(client: HubClient, model_id: str, without: str) -> str | None:
    """A branch or pull request with safetensors (opened by the Hub's conversion bot), or None."""
    try:
        async with asyncio.timeout(_SAFETENSORS_SEARCH_SECONDS):
            references = await client.references(model_id)
            branches = [reference.name for reference in references.branches]
            pulls = [reference.ref for reference in references.pullRequests or []]
            for candidate in (*branches, *pulls[:_PULL_REQUESTS]):
                if candidate == without or not REVISION.fullmatch(candidate):
                    continue
                entries = await client.tree(model_id, candidate)
                if file_selection.has_safetensors(entry.path for entry in entries):
                    return candidate
    except (PlatformError, TimeoutError):
        return None  # only a suggestion: the model is rejected in any case
    return None


def _file(entry: TreeEntry) -> ModelFile:
    if entry.lfs:
        return ModelFile(path=entry.path, bytes=entry.lfs.size, sha256=_digest(entry.lfs.oid, 64))
    return ModelFile(path=entry.path, bytes=entry.size, git_sha1=_digest(entry.oid, 40))


def _digest(text: str, length: int) -> str:
    digest = text.removeprefix("sha256:")
    if len(digest) != length or not set(digest) <= set("0123456789abcdef"):
        raise HubUnreachable("The endpoint does not respond like a Hub: a file has no hash.")
    return digest
