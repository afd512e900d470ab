"""Content hashes of files, remembered while a file's size, times and inode stay the same.

The change time can't be set by a program, so a file that was touched in any way is hashed again.
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
    """Hashing was given up because nobody waits for it any more."""


class Digest(Protocol):
    """A running hash, as hashlib makes them."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take more bytes in."""
        ...

    def hexdigest(self) -> str:
        """The hash so far."""
        ...


def new_digest(file: ModelFile) -> Digest:
    """A running hash of the kind that the Hub gives for this file."""
    if file.sha256:
        return hashlib.sha256()
    return hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)


def expected(file: ModelFile) -> str:
    """The hash the file must have; also its name among the cache's blobs."""
    return file.sha256 or file.git_sha1 or ""


class Hashes:
    """Owns the memory of hashes: one small JSON file. Safe to use from several threads."""

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
        """The hash of this file now, of the kind `file` has. Raises OSError and Stopped."""
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
        """Note a file whose hash a download has just computed."""
        self._remember(path, [*self._mark(path.stat(), file), expected(file)])

    def save(self) -> None:
        """Write the memory down; losing it costs only time."""
        # Two deployments may be checked at one time: without the lock they share the draft.
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
