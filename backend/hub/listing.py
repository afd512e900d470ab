"""The files of a model on the Hub at a pinned commit."""

from dataclasses import dataclass

from backend.domain.model import ModelFile
from backend.errors.hub import HubUnreachable
from backend.hub.client import HubClient
from backend.hub.names import check_paths, is_commit
from backend.hub.schemas import RepoInfo, TreeEntry


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


def _file(entry: TreeEntry) -> ModelFile:
    if entry.lfs:
        return ModelFile(path=entry.path, bytes=entry.lfs.size, sha256=_digest(entry.lfs.oid, 64))
    return ModelFile(path=entry.path, bytes=entry.size, git_sha1=_digest(entry.oid, 40))


def _digest(text: str, length: int) -> str:
    digest = text.removeprefix("sha256:")
    if len(digest) != length or not set(digest) <= set("0123456789abcdef"):
        raise HubUnreachable("The endpoint does not respond like a Hub: a file has no hash.")
    return digest
