"""What the fake Hub holds: repositories with branches, pull requests and commits."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LFS_FROM = 1_000_000


@dataclass(frozen=True)
class MediaFile:
    """One file at one commit: from disk, or bytes of a test."""

    path: str
    source: Path | bytes

    @property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @property
    def is_lfs(self) -> bool:
        return self.size >= LFS_FROM or self.path.endswith(".safetensors")

    def chunks(self, start: int = 0, size: int = 1 << 18) -> Iterator[bytes]:
        if isinstance(self.source, bytes):
            for begin in range(start, len(self.source), size):
                yield self.source[begin : begin + size]
            return
        with self.source.open("rb") as content:
            content.seek(start)
            while chunk := content.read(size):
                yield chunk


_DIGESTS: dict[tuple[str, int, int, str], str] = {}


def digest(file: MediaFile) -> str:
    """The ETag: sha256 of a large file, git's blob id of a small one."""
    kind = "sha256" if file.is_lfs else "git"
    if isinstance(file.source, Path):
        status = file.source.stat()
        key = (str(file.source), status.st_size, status.st_mtime_ns, kind)
        if key not in _DIGESTS:
            _DIGESTS[key] = _digest(file)
        return _DIGESTS[key]
    return _digest(file)


def _digest(file: MediaFile) -> str:
    running = hashlib.sha256() if file.is_lfs else hashlib.sha1(f"blob {file.size}\0".encode())
    for chunk in file.chunks():
        running.update(chunk)
    return running.hexdigest()


@dataclass
class Repo:
    """One model repository."""

    id: str
    gated: str | bool = False
    private: bool = False
    readers: set[str] = field(default_factory=set)  # tokens that may read a gated or private repo
    meta: dict[str, object] = field(default_factory=dict)  # pipeline_tag, tags, downloads…
    refs: dict[str, str] = field(default_factory=dict)  # revision -> commit
    commits: dict[str, dict[str, MediaFile]] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)  # pull request -> account
    index_override: list[dict[str, object]] | None = None  # a tree listing with lies in it

    def commit(self, files: Mapping[str, Path | bytes], revision: str = "main") -> str:
        """Move a revision to a commit with exactly these files."""
        made = {path: MediaFile(path, source) for path, source in sorted(files.items())}
        listing = json.dumps([[path, digest(file)] for path, file in made.items()])
        commit = hashlib.sha1(f"{revision}{listing}".encode()).hexdigest()
        self.commits[commit] = made
        self.refs[revision] = commit
        return commit

    def commit_folder(self, folder: Path, revision: str = "main") -> str:
        """Move a revision to the files of a folder."""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        named = {path.relative_to(folder).as_posix(): path for path in paths}
        return self.commit({n: p for n, p in named.items() if n != "hub.json"}, revision)

    def resolve(self, revision: str) -> str | None:
        """The commit of a branch, a pull request or a commit."""
        if revision in self.commits:
            return revision
        return self.refs.get(revision)

    def may_read(self, token: str | None) -> bool:
        return not (self.gated or self.private) or token in self.readers


def scan(root: Path) -> dict[str, Repo]:
    """Folders `name` or `owner/name` below root; `name@refs%2Fpr%2F1` is another revision.

    An optional hub.json beside config.json holds gated, private, readers and metadata.
    """
    repos: dict[str, Repo] = {}
    folders = {path.parent for path in (*root.glob("*/config.json"), *root.glob("*/*/config.json"))}
    # Without a config.json: an adapter, GGUF files, a pipeline of diffusers.
    folders |= {
        path.parent
        for path in root.glob("*/*/*")
        if path.is_file() and path.parents[1] not in folders
    }
    for folder in sorted(folders):
        name, _, revision = folder.relative_to(root).as_posix().partition("@")
        repo = repos.setdefault(name, Repo(name))
        settings = folder / "hub.json"
        if settings.is_file():
            settings_data = json.loads(settings.read_text())
            repo.gated = settings_data.pop("gated", repo.gated)
            repo.private = settings_data.pop("private", repo.private)
            repo.authors |= settings_data.pop("authors", {})
            repo.readers |= set(settings_data.pop("readers", []))
            repo.meta |= settings_data
        repo.commit_folder(folder, revision.replace("%2F", "/") or "main")
    return repos
