"""A partially downloaded file: on disk, locked by one process, hashed while it is written."""

import asyncio
import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from backend.domain.model import ModelFile
from backend.errors.capacity import DiskFull
from backend.hub.hashes import expected, new_digest
from backend.hub.throughput import amount

_CHUNK = 1 << 20
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})


class Partial:
    """Owns the open file and its lock, which the kernel releases whenever the process ends."""

    def __init__(self, path: Path, file: ModelFile, descriptor: int) -> None:
        self.path = path
        self.file = file
        self.size = 0
        self._descriptor = descriptor
        self._digest = new_digest(file)

    def resume(self) -> None:
        """Resume what an earlier process wrote; hashes those bytes again, about 1 s per GB."""
        self.restart(keep=min(os.fstat(self._descriptor).st_size, self.file.bytes))
        while self.size < os.fstat(self._descriptor).st_size:
            chunk = os.pread(self._descriptor, _CHUNK, self.size)
            self._digest.update(chunk)
            self.size += len(chunk)

    def restart(self, keep: int = 0) -> None:
        """Truncate to the first `keep` bytes and reset size and hash."""
        os.ftruncate(self._descriptor, keep)
        self.size = 0
        self._digest = new_digest(self.file)

    def write(self, chunk: bytes) -> None:
        """Append, unbuffered: a killed process loses no written byte. Raises DiskFull."""
        view = memoryview(chunk)
        try:
            while view:
                written = os.pwrite(self._descriptor, view, self.size)
                self._digest.update(view[:written])
                self.size += written
                view = view[written:]
        except OSError as error:
            raise disk_error(error, self.file.bytes - self.size) from error

    @property
    def is_right(self) -> bool:
        """Whether the file is complete and has the expected hash."""
        return self.size == self.file.bytes and self._digest.hexdigest() == expected(self.file)

    def place(self, target: Path) -> None:
        """Sync and move it to its final name, also to another file system. Raises DiskFull."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.fsync(self._descriptor)
            _move(self.path, target)
        except OSError as error:
            raise disk_error(error, self.file.bytes) from error

    def close(self) -> None:
        """Close the file and release the lock."""
        os.close(self._descriptor)


def disk_error(error: OSError, missing: int) -> Exception:
    """DiskFull if the disk or quota is full, else the error itself. `missing` is in bytes."""
    if error.errno in _DISK_ERRORS:
        return DiskFull(
            f"The disk filled up with {amount(missing)} of the download still to write.",
            needed=amount(missing),
            setting="HUGGINGFACE_CACHE_DIR and TEMP_MODEL_PATH",
        )
    return error


def part_path(temp: Path, folder: str, file: ModelFile) -> Path:
    """Path of a file's partial content, named by model and hash."""
    return temp / f"{folder}.{expected(file)}.part"


async def lock(
    path: Path, file: ModelFile, placed: Path, seen: Callable[[int], None]
) -> Partial | None:
    """Open and lock the partial file; wait while another process writes it.

    `seen` receives its current size. None if that process finished, so that `placed` exists.
    """
    while not _is_placed(path, placed):
        if part := _take(path, file):
            return part
        seen(_size(path))
        await asyncio.sleep(0.2)
    return None


def _is_placed(path: Path, placed: Path) -> bool:
    if not placed.exists():
        return False
    remove(path)
    return True


def _take(path: Path, file: ModelFile) -> Partial | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # The path may be another file by now: the previous one was finished or removed.
    if try_lock(descriptor) and _is_same(descriptor, path):
        return Partial(path, file, descriptor)
    os.close(descriptor)
    return None


def remove(path: Path) -> bool:
    """Remove a partial file unless a process is writing it; return whether it was removed."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not try_lock(descriptor) or not _is_same(descriptor, path):
            return False
        path.unlink()
        return True
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Take the lock if it is free; return whether it is taken."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = target.with_name(f"{target.name}.{os.getpid()}.incomplete")
        try:
            shutil.copyfile(source, draft)
            with draft.open("rb") as copied:
                os.fsync(copied.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        source.unlink()
    _sync(target.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
