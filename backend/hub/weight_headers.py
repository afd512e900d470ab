"""Read the index of weights in several files, and the headers of safetensors files."""

import asyncio
from typing import Protocol, cast

from backend.domain.model import ModelFile
from backend.errors.model import CorruptModel, MissingFiles, UnsafeRepository
from backend.hub.headers import Tensors, header_length, read_header, together
from backend.hub.names import is_safe

Json = dict[str, object]
FIRST_READ = 131_072
_AT_ONCE = 8
# With more shards, only their sizes count; every header is checked after the download.
MAX_HEADERS = 64


class Reader(Protocol):
    """Reads the files of one commit."""

    async def json(self, path: str) -> Json | None:
        """A small JSON file; None if it is not a JSON object."""
        ...

    async def part(self, path: str, first: int, last: int) -> bytes:
        """Bytes from first to last, both included; fewer if the file ends before."""
        ...


async def read_shards(reader: Reader, listing: dict[str, ModelFile], index: str) -> list[str]:
    """The files that an index refers to. Raises the errors of `check_index`."""
    table = await reader.json(index)
    return check_index(table, index, set(listing))


def check_index(table: Json | None, index: str, present: set[str]) -> list[str]:
    """The shards in an index. Raises CorruptModel, UnsafeRepository, MissingFiles."""
    named = (table or {}).get("weight_map")
    if not isinstance(named, dict) or not named:
        raise CorruptModel(f"{index!r} has no weight_map.")
    shards = sorted({str(value) for value in cast("Json", named).values()})
    for shard in shards:
        if not is_safe(shard):
            raise UnsafeRepository(f"{index!r} points to {shard[:80]!r}, outside the repository.")
        if shard not in present:
            raise MissingFiles(f"{index!r} refers to {shard!r}, which is missing.", missing=shard)
    return shards


async def read_all_tensors(reader: Reader, weights: list[ModelFile]) -> Tensors | None:
    """Tensors of all files; None if they are too many to read. Raises CorruptModel."""
    if len(weights) > MAX_HEADERS:
        return None
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(file: ModelFile) -> Tensors:
        async with slots:
            return await read_tensors(reader, file)

    return together(await asyncio.gather(*(one(file) for file in weights)))


async def read_tensors(reader: Reader, file: ModelFile) -> Tensors:
    """Tensors from the header of one safetensors file. Raises CorruptModel."""
    raw = await read_raw_header(reader, file)
    return read_header(raw, file.bytes - 8 - len(raw), file.path)


async def read_raw_header(reader: Reader, file: ModelFile) -> bytes:
    """The JSON of the header of one safetensors file. Raises CorruptModel."""
    start = await reader.part(file.path, 0, min(FIRST_READ, max(file.bytes, 1)) - 1)
    length = header_length(start, file.bytes, file.path)
    if len(start) < 8 + length:
        start += await reader.part(file.path, len(start), 8 + length - 1)
    raw = start[8 : 8 + length]
    if len(raw) < length:
        raise CorruptModel(f"{file.path!r} is truncated within its header.")
    return raw
