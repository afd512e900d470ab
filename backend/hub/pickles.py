"""Read what a pickle file contains without unpickling it: tensors, and what torch would refuse.

torch.save writes a zip file with a pickle and one entry for each storage; before torch 1.6 it wrote
four pickles (magic number, version, machine, content), then the storages. Of both only the pickle
is read. The formats: torch/serialization.py and Lib/pickletools.py.
"""

import asyncio
import io
import pickletools
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from backend.domain.model import ModelFile
from backend.hub.pickle_machine import Machine
from backend.hub.sparse_file import MissingRange, SparseBytes, SparseFile
from backend.tasks.weights_only import weights_only

ZIP = b"PK\x03\x04"
_MOST_PICKLE = 16_000_000
_MOST_READ = 32_000_000
_FIRST_READ = 65_536
_TAIL = 131_072
_LEGACY_PARTS = 4


class Reader(Protocol):
    """Reads parts of files."""

    async def part(self, path: str, first: int, last: int) -> bytes:
        """Bytes from first to last, both included; fewer if the file ends before."""
        ...


@dataclass(frozen=True, kw_only=True)
class PickleSummary:
    """Number of elements by dtype, and what the restricted unpickler refuses, by name."""

    elements: dict[str, int]
    refused: list[str]
    is_legacy: bool


async def summarize(reader: Reader, file: ModelFile) -> PickleSummary | None:
    """What the pickle file contains; None if its structure is unknown."""
    if file.bytes == 0:
        return None
    start = await reader.part(file.path, 0, min(_FIRST_READ, file.bytes) - 1)
    content = SparseBytes(file.bytes, {0: start})
    is_zip = start.startswith(ZIP)
    if is_zip:
        first = max(file.bytes - _TAIL, 0)
        content.parts[first] = await reader.part(file.path, first, file.bytes - 1)
    while content.known < _MOST_READ:
        try:
            found = await asyncio.to_thread(_from_zip if is_zip else _from_legacy, content)
        except MissingRange as missing:
            wanted = max(missing.last + 1 - missing.first, _FIRST_READ, content.known)
            last = min(missing.first + min(wanted, _MOST_PICKLE), file.bytes) - 1
            raw = await reader.part(file.path, missing.first, last)
            if len(raw) < last + 1 - missing.first:
                return None
            content.parts[missing.first] = raw
        except (ValueError, LookupError, UnicodeError, zipfile.BadZipFile, NotImplementedError):
            return None
        else:
            return found
    return None


def _from_zip(content: SparseBytes) -> PickleSummary | None:
    with zipfile.ZipFile(SparseFile(content)) as archive:
        named = [entry for entry in archive.infolist() if entry.filename.endswith("/data.pkl")]
        if len(named) != 1 or named[0].file_size > _MOST_PICKLE:
            return None
        with archive.open(named[0]) as entry:
            raw = entry.read(_MOST_PICKLE)
    machine = Machine()
    machine.run(pickletools.genops(raw))
    return _summary(machine, is_legacy=False)


def _from_legacy(content: SparseBytes) -> PickleSummary:
    # A pickle has no length, and its parser wants the file as a whole.
    length = len(content.parts[0])
    while content.parts.keys() - {0}:
        start, part = min(item for item in content.parts.items() if item[0])
        content.parts[0] = content.parts[0][:start] + part
        del content.parts[start]
        length = len(content.parts[0])
    stream = io.BytesIO(content.parts[0])
    machine = Machine()
    try:
        for _ in range(_LEGACY_PARTS):
            machine = Machine()
            machine.run(pickletools.genops(stream))
    except ValueError:
        if length >= min(content.size, _MOST_PICKLE):
            raise
        raise MissingRange(length, length) from None
    return _summary(machine, is_legacy=True)


def _summary(machine: Machine, *, is_legacy: bool) -> PickleSummary:
    dtypes = weights_only().storages
    elements: dict[str, int] = {}
    for kind, number in machine.storages.values():
        dtype = dtypes.get(kind.rpartition(".")[2], "uint8")
        elements[dtype] = elements.get(dtype, 0) + number
    return PickleSummary(elements=elements, refused=list(_refused(machine)), is_legacy=is_legacy)


def _refused(machine: Machine) -> Iterable[str]:
    known = weights_only()
    yield from sorted(machine.globals - known.globals)
    if not machine.globals - known.globals:
        yield from (f"opcode {name}" for name in sorted(machine.opcodes - known.opcodes))
