"""Verify every file before it is loaded; hashes of unchanged files come from the hash cache."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backend.domain.model import ModelFacts, ModelFile
from backend.domain.report import Report
from backend.errors.model import CorruptModel, UnsafeRepository
from backend.hub import weight_files
from backend.hub.gguf_files import check_gguf
from backend.hub.hashes import Hashes, Stopped, expected
from backend.hub.headers import header_length, read_header
from backend.hub.onnx_files import check_onnx
from backend.hub.repository_inspection import read_json
from backend.hub.throughput import of
from backend.hub.weight_headers import check_index

_TICK_SECONDS = 0.5


@dataclass
class _Progress:
    done: int = 0
    bad: list[ModelFile] = field(default_factory=list[ModelFile])


async def wrong_files(
    model: ModelFacts, folder: Path, hashes: Hashes, report: Report
) -> list[ModelFile]:
    """Files whose content does not match its hash; reports progress every 0.5 s."""
    progress, stop = _Progress(), threading.Event()
    work = asyncio.create_task(asyncio.to_thread(_check_all, model, folder, hashes, stop, progress))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=_TICK_SECONDS)
            total = model.download_bytes
            report(
                f"checking files, {of(progress.done, total)}",
                fraction=progress.done / total if total else 1.0,
                bytes_done=progress.done,
                bytes_total=total,
            )
        await work
    finally:
        stop.set()
    return progress.bad


def _check_all(
    model: ModelFacts, folder: Path, hashes: Hashes, stop: threading.Event, progress: _Progress
) -> None:
    def count(size: int) -> None:
        progress.done += size

    try:
        for file in model.files:
            if not is_right(folder / file.path, file, hashes, stop, count):
                progress.bad.append(file)
    except Stopped:
        return
    hashes.save()


def is_right(
    path: Path, file: ModelFile, hashes: Hashes, stop: threading.Event, count: Callable[[int], None]
) -> bool:
    """Whether this file exists and has the expected size and hash."""
    try:
        has_size = path.stat().st_size == file.bytes
        return has_size and hashes.of(path, file, stop, count) == expected(file)
    except OSError:
        return False


def check_loadable(model: ModelFacts, folder: Path, root: Path) -> None:
    """Check links, indexes and headers. Raises UnsafeRepository, CorruptModel, MissingFiles."""
    names = {file.path for file in model.files}
    if model.onnx:
        check_onnx(folder / model.onnx.path, model.onnx.path, names)
    if model.gguf:
        check_gguf(folder, model.gguf)
    for file in model.files:
        path = folder / file.path
        if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
            raise UnsafeRepository(f"{file.path!r} is not a regular file of the model.")
        if file.path == weight_files.SAFETENSORS_INDEX:
            check_index(read_json(path), file.path, names)
        if file.path.endswith(".safetensors"):
            _check_header(path, file)


def _check_header(path: Path, file: ModelFile) -> None:
    with path.open("rb") as content:
        length = header_length(content.read(8), file.bytes, file.path)
        raw = content.read(length)
    if len(raw) < length:
        raise CorruptModel(f"{file.path!r} is truncated within its header.")
    read_header(raw, file.bytes - 8 - length, file.path)
