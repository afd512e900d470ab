"""Read the modules of a sentence-transformers or ColBERT model before the download."""

import asyncio

import orjson

from backend.domain.model import ModelFile
from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.errors.model import CorruptModel
from backend.hub.weight_headers import FIRST_READ, Json, Reader
from backend.tasks.colbert import METADATA, colbert_modules, is_colbert
from backend.tasks.module_files import MODULES, files_to_read, read_modules


async def inspect_modules(
    reader: Reader, listing: dict[str, ModelFile]
) -> SentenceTransformersModel | None:
    """The modules; None without modules.json. Raises CorruptModel, UnsafeRepository."""
    read: dict[str, object] = {}
    while names := files_to_read(read, listing):
        found = await asyncio.gather(*(_content(reader, listing, name) for name in names))
        read |= dict(zip(names, found, strict=True))
    return read_modules(read)


async def inspect_colbert(
    reader: Reader, listing: dict[str, ModelFile], config: Json
) -> SentenceTransformersModel | None:
    """The modules of a checkpoint of Stanford's ColBERT; None for others. Raises CorruptModel."""
    if MODULES in listing or not is_colbert(config):
        return None
    return colbert_modules(await reader.json(METADATA) if METADATA in listing else {})


async def _content(reader: Reader, listing: dict[str, ModelFile], name: str) -> object:
    """The content of a JSON file; modules.json is a list. Raises CorruptModel."""
    if name != MODULES:
        return await reader.json(name)
    size = min(listing[name].bytes, FIRST_READ)
    try:
        return orjson.loads(await reader.part(name, 0, max(size, 1) - 1))
    except orjson.JSONDecodeError:
        raise CorruptModel("modules.json is not a list of modules.") from None
