"""Content hashes of files, cached while a file's size, times and inode stay the same.

A program cannot set the change time (ctime), so a file modified in any way is hashed again.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

import orjson

from backend.domain.model import ModelFile
from backend.hub.repository_inspection import read_json

_CHUNK = 1 << 20
_MOST = 20_000


class Stopped(Exception):
    """Hashing was stopped because the caller is gone."""


class Digest(Protocol):
    """A hash object of hashlib."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Add bytes."""
        ...

    def hexdigest(self) -> str:
        """The hash of all bytes added."""
        ...


def new_digest(file: ModelFile) -> Digest:
    """A hash object for this file: SHA-256, or the SHA-1 of a git blob, as the Hub states."""
    if file.sha256:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)


def expected(file: ModelFile) -> str:
    """The hash the file must have; also its blob name in the cache."""
    return file.sha256 or file.git_sha1 or ""


class Hashes:
    """Owns the hash cache, one small JSON file. Thread-safe."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._known: dict[str, list[object]] = {}
        for path, entry in (read_json(memory) or {}).items():
            if isinstance(entry, list):
                self._known[path] = cast("list[object]", entry)

    def of(
        self,
        path: Path,
        file: ModelFile,
        stop: threading.Event,
        progress: Callable[[int], None] = lambda _: None,
    ) -> str:
        """The current hash of this file, of the kind `file` has. Raises OSError and Stopped."""
        status = path.stat()
        mark = self._mark(status, file)
        with self._lock:
            entry = self._known.get(str(path.resolve()))
        if entry and entry[:-1] == mark and isinstance(entry[-1], str):
            progress(status.st_size)
            return entry[-1]
        digest = _hash(path, file, stop, progress)
        if self._mark(path.stat(), file) == mark:
            self._remember(path, [*mark, digest])
        return digest

    def trust(self, path: Path, file: ModelFile) -> None:
        """Record the hash of a file that a download has just verified."""
        self._remember(path, [*self._mark(path.stat(), file), expected(file)])

    def save(self) -> None:
        """Write the cache to disk; losing it only costs time."""
        # Two deployments may be checked at once: without the lock they share the temporary file.
        with self._saving:
            with self._lock:
                known = dict(list(self._known.items())[-_MOST:])
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            draft = self._memory.with_suffix(f".{os.getpid()}.tmp")
            draft.write_bytes(orjson.dumps(known))
            draft.replace(self._memory)

    def _remember(self, path: Path, entry: list[object]) -> None:
        with self._lock:
            self._known[str(path.resolve())] = entry

    @staticmethod
    def _mark(status: os.stat_result, file: ModelFile) -> list[object]:
        kind = "sha256" if file.sha256 else "git"
        return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, kind]


def _hash(
    path: Path, file: ModelFile, stop: threading.Event, progress: Callable[[int], None]
) -> str:
    digest = new_digest(file)
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            if stop.is_set():
                raise Stopped
            digest.update(chunk)
            progress(len(chunk))
    return digest.hexdigest()
