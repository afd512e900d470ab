"""A cache with the Hub's own layout: `models--owner--name/{blobs,refs,snapshots/<commit>}`.

Slipway adds `slipway/<commit>.json`, the facts that the Hub returned, for offline use.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from backend.domain.model import ModelFacts, ModelFile
from backend.hub.base import CachedModel
from backend.hub.hashes import expected
from backend.hub.names import is_commit, repo_folder

if TYPE_CHECKING:
    from huggingface_hub import CachedRepoInfo


@dataclass(frozen=True)
class Cache:
    """One cache directory. `ours` is writable; that of another program is only read."""

    root: Path
    ours: bool

    def repo(self, model_id: str) -> Path:
        """Directory of one model."""
        return self.root / repo_folder(model_id)

    def snapshot(self, model_id: str, commit: str) -> Path:
        """Directory of one commit."""
        return self.repo(model_id) / "snapshots" / commit

    def blob(self, model_id: str, file: ModelFile) -> Path:
        """Path of a file's content, named by its hash."""
        return self.repo(model_id) / "blobs" / expected(file)

    def commit_of(self, model_id: str, revision: str) -> str | None:
        """The commit of a revision when it was last downloaded; None if it is not cached."""
        if is_commit(revision):
            return revision if self.snapshot(model_id, revision).is_dir() else None
        try:
            commit = (self.repo(model_id) / "refs" / revision).read_text().strip()
        except OSError:
            return None
        return commit if is_commit(commit) else None

    def complete(self, model: ModelFacts) -> Path | None:
        """The snapshot directory if it has all files with the right size, else None."""
        folder = self.snapshot(model.id, model.commit)
        return folder if all(self._is_there(folder, file) for file in model.files) else None

    def _is_there(self, folder: Path, file: ModelFile) -> bool:
        path = folder / file.path
        try:
            inside = path.resolve().is_relative_to(self.root.resolve())
            return inside and path.is_file() and path.stat().st_size == file.bytes
        except OSError:
            return False

    def listing(self, model_id: str, commit: str) -> dict[str, ModelFile]:
        """The symlinked files of a snapshot, with the hashes from their blob names."""
        folder = self.snapshot(model_id, commit)
        found: dict[str, ModelFile] = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and path.is_symlink():
                found[name] = _file(name, path.stat().st_size, path.readlink().name)
        return {name: file for name, file in found.items() if expected(file)}

    def link(self, model: ModelFacts, file: ModelFile) -> None:
        """Link a blob into the snapshot under the file's name, atomically."""
        link = self.snapshot(model.id, model.commit) / file.path
        link.parent.mkdir(parents=True, exist_ok=True)
        target = os.path.relpath(self.blob(model.id, file), link.parent)
        if link.is_symlink() and link.readlink() == Path(target):
            return
        draft = link.with_name(f".{os.getpid()}.link")
        draft.unlink(missing_ok=True)
        draft.symlink_to(target)
        draft.replace(link)

    def seal(self, model: ModelFacts) -> None:
        """Record the commit of the revision, and the facts; called when every file is linked."""
        if not is_commit(model.revision):
            _write(self.repo(model.id) / "refs" / model.revision, model.commit)
        _write(self._facts_path(model.id, model.commit), model.model_dump_json())

    def facts(self, model_id: str, commit: str) -> ModelFacts | None:
        """The facts that the Hub returned at download; None if Slipway did not download this."""
        try:
            return ModelFacts.model_validate_json(self._facts_path(model_id, commit).read_bytes())
        except (OSError, ValidationError):
            return None

    def models(self) -> list[CachedModel]:
        """Every model in this cache that has a snapshot."""
        return [
            CachedModel(
                model_id=repo.repo_id,
                commits=sorted(revision.commit_hash for revision in repo.revisions),
                bytes=repo.size_on_disk,
                directory=str(repo.repo_path),
                last_used_at=_moment(repo.last_accessed),
                freeable=self.ours,
            )
            for repo in self._scan()
        ]

    def free(self, model_id: str) -> int:
        """Remove a model; return the bytes freed, 0 in another program's cache."""
        if not self.ours:
            return 0
        freed = 0
        for repo in self._scan():
            if repo.repo_id == model_id:
                freed += repo.size_on_disk
                shutil.rmtree(repo.repo_path)
        return freed

    def _scan(self) -> "list[CachedRepoInfo]":
        from huggingface_hub import scan_cache_dir  # noqa: PLC0415 (a tenth of a second, rarely needed)

        if not self.root.is_dir():
            return []
        found = [repo for repo in scan_cache_dir(self.root).repos if repo.repo_type == "model"]
        return sorted(found, key=lambda repo: repo.repo_id)

    def _facts_path(self, model_id: str, commit: str) -> Path:
        return self.repo(model_id) / "slipway" / f"{commit}.json"


def _file(name: str, size: int, blob: str) -> ModelFile:
    return ModelFile(
        path=name,
        bytes=size,
        sha256=blob if len(blob) == 64 else None,
        git_sha1=blob if is_commit(blob) else None,
    )


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}.draft")
    draft.write_text(text)
    draft.replace(path)
