"""Choose the quantization of a repository with GGUF files, and read what its header tells.

Names are those that llama.cpp's tools and the well-known publishers write: the quantization before
the ending, `-00001-of-00003` for the parts of a split file.
"""

import asyncio
import mmap
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from backend.domain.gguf import MOST_CONTEXT_TOKENS, GgufModel, GgufVariant
from backend.domain.model import ModelFile
from backend.errors.model import (
    CorruptModel,
    MissingFiles,
    ModelNotSupported,
    UnsupportedOption,
)
from backend.hub.file_selection import FileSelection
from backend.hub.gguf_header import MAX_HEADER, GgufHeader, Incomplete, read_header
from backend.hub.weight_files import Weights
from backend.hub.weight_headers import Reader

ENDING = ".gguf"
_QUANTIZATION = re.compile(
    r"(?<![A-Za-z0-9])((?:UD-)?I?Q\d(?:_(?:K|0|1|NL|XXS|XS|S|M|L|XL|XXL))*|TQ[12]_0|MXFP4(?:_MOE)?"
    r"|NVFP4|BF16|FP?16|FP?32)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
# Image encoders, importance matrices and draft models beside the model itself.
_BESIDE = re.compile(r"(?:.*[/._-])?(mmproj|imatrix|draft|vocab|mtp)(?:[/._-].*)?", re.IGNORECASE)
_UNNAMED = "unknown"
_WHOLE_MODEL = "Choose a repository with the whole model in GGUF files."
# Of small models a file of 8 bits is fast and needs little memory, and nearly as good as the model.
_SMALL_BYTES = 1_200_000_000
# Best first: about five bits is where quality still is near that of the model.
_PREFERRED = (
    "Q4_K_M", "UD-Q4_K_XL", "Q4_K_L", "Q5_K_M", "Q4_K_S", "IQ4_XS", "IQ4_NL", "Q4_1", "Q4_0",
    "MXFP4_MOE", "MXFP4", "Q5_K_S", "Q5_1", "Q5_0", "Q6_K", "Q8_0",
)  # fmt: skip
_FIRST_READ = 4_000_000
# Cells for keys and values, and the process itself, beside the weights.
_BESIDE_WEIGHTS = 1_000_000_000


def variants(listing: Mapping[str, ModelFile]) -> list[GgufVariant]:
    """The quantizations of the model, smallest first; those without all parts are left out."""
    found: dict[str, list[str]] = {}
    for path in sorted(listing):
        name = path.rpartition("/")[2]
        if path.endswith(ENDING) and not _BESIDE.fullmatch(name.removesuffix(ENDING)):
            part = _PART.fullmatch(path)
            found.setdefault(part[1] if part else path, []).append(path)
    whole = [paths for paths in found.values() if _is_whole(paths)]
    made = [
        GgufVariant(
            quantization=_quantization(paths[0]),
            bytes=sum(listing[path].bytes for path in paths),
            files=paths,
        )
        for paths in whole
    ]
    return sorted(made, key=lambda one: (one.bytes, one.files))


def has_gguf(paths: Collection[str]) -> bool:
    """Whether a whole model in GGUF files is among these."""
    return bool(variants({path: ModelFile(path=path, bytes=0) for path in paths}))


def choose(found: list[GgufVariant], requested: str, memory_bytes: int | None) -> GgufVariant:
    """The requested quantization; for `none` the best that fits into this memory.

    Raises UnsupportedOption if the repository does not have it.
    """
    if requested != "none":
        match = [one for one in found if one.quantization.upper() == requested.upper()]
        if not match:
            names = ", ".join(dict.fromkeys(one.quantization for one in found))
            raise UnsupportedOption(
                f"There is no GGUF file in {requested}.",
                instead=f"Set hardware.quantization to one of {names}.",
            )
        return match[0]
    most = memory_bytes - _BESIDE_WEIGHTS if memory_bytes is not None else found[-1].bytes
    fitting = [one for one in found if one.bytes <= most] or found[:1]
    small = [one for one in fitting if one.quantization == "Q8_0" and one.bytes <= _SMALL_BYTES]
    ranked = [one for name in _PREFERRED for one in fitting if one.quantization == name]
    return (small or ranked or fitting[-1:])[0]


async def inspect_gguf(
    reader: Reader, listing: Mapping[str, ModelFile], variant: GgufVariant
) -> tuple[GgufModel, GgufHeader]:
    """The model of this variant, whose headers are read. Raises CorruptModel, MissingFiles."""
    headers = [await _header(reader, listing[path]) for path in variant.files]
    first = check_parts(headers, variant)
    architecture = first.text("general.architecture") or ""

    def count(name: str, default: int) -> int:
        return first.count(f"{architecture}.{name}") or default

    trained = count("context_length", MOST_CONTEXT_TOKENS)
    model = GgufModel(
        variant=variant,
        variants=variants(listing),
        architecture=architecture,
        context_tokens=min(trained, MOST_CONTEXT_TOKENS),
        cache_elements=_cache_elements(first, architecture),
        vocabulary=first.lengths.get("tokenizer.ggml.tokens", 0),
        embedding=count("embedding_length", 0),
    )
    types = sum((Counter(one.types) for one in headers), Counter[str]())
    return model, replace(first, types=dict(types))


def check_parts(headers: list[GgufHeader], variant: GgufVariant) -> GgufHeader:
    """The header with the metadata: that of the first part.

    Raises CorruptModel, MissingFiles, and ModelNotSupported for an adapter or an image encoder.
    """
    first, name = headers[0], variant.files[0]
    if not first.text("general.architecture"):
        raise CorruptModel(f"{name!r} does not name its architecture.")
    kind = first.text("general.type") or "model"
    if kind != "model":
        raise ModelNotSupported(
            f"{name!r} is not a model: its general.type is {kind[:40]!r}.", instead=_WHOLE_MODEL
        )
    parts = first.count("split.count") or 1
    if parts != len(headers):
        raise MissingFiles(
            f"{name!r} is split into {parts} files; {len(headers)} are there.", missing=name
        )
    tensors = sum(len(one.tensors) for one in headers)
    if first.count("split.tensors.count") not in {None, tensors} or not tensors:
        raise CorruptModel(f"The parts of {name!r} do not belong together.")
    if "tokenizer.ggml.tokens" not in first.lengths:
        raise MissingFiles(f"{name!r} has no vocabulary.", missing="tokenizer.ggml.tokens")
    return first


def check_gguf(folder: Path, model: GgufModel) -> None:
    """Check the downloaded files as `inspect_gguf` does. Raises CorruptModel, MissingFiles."""
    headers: list[GgufHeader] = []
    for name in model.variant.files:
        path = folder / name
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            headers.append(_complete(data, name))
    check_parts(headers, model.variant)


def _complete(data: mmap.mmap, name: str) -> GgufHeader:
    with memoryview(data) as view:
        try:
            return read_header(view, len(data), name)
        except Incomplete:
            raise CorruptModel(f"{name!r} is truncated within its header.") from None


def gguf_selection(listing: Mapping[str, ModelFile], model: GgufModel) -> FileSelection:
    """Only the files of the variant: the tokenizer is in them."""
    weights = [listing[path] for path in model.variant.files]
    return FileSelection(
        weights=Weights(files=weights, modules=[], renamed={}, converted={}), files=weights
    )


def gguf_config(header: GgufHeader) -> dict[str, object]:
    """What estimates of speed read from a config.json, which such repositories do not need."""
    architecture = header.text("general.architecture")
    return {"num_hidden_layers": header.count(f"{architecture}.block_count")}


async def _header(reader: Reader, file: ModelFile) -> GgufHeader:
    """Read as much of the file as its header is long."""
    data = bytearray()
    goal = _FIRST_READ
    while True:
        end = min(goal, file.bytes)
        if end > len(data):
            data += await reader.part(file.path, len(data), end - 1)
        try:
            return await asyncio.to_thread(read_header, bytes(data), file.bytes, file.path)
        except Incomplete:
            if len(data) < end or end == file.bytes or goal >= MAX_HEADER:
                raise CorruptModel(f"{file.path!r} is truncated within its header.") from None
            goal *= 4


def _is_whole(paths: list[str]) -> bool:
    part = _PART.fullmatch(paths[0])
    return len(paths) == (int(part[3]) if part else 1)


def _quantization(path: str) -> str:
    """As in the name of the file, else of its folder."""
    part = _PART.fullmatch(path)
    found = _QUANTIZATION.findall(part[1] if part else path.removesuffix(ENDING))
    name = found[-1].upper() if found else _UNNAMED
    return {"FP16": "F16", "FP32": "F32"}.get(name, name)


def _cache_elements(header: GgufHeader, architecture: str) -> int:
    """Keys and values of one token over all layers; layers without attention have no heads."""

    def count(name: str, default: int) -> int:
        return header.count(f"{architecture}.{name}") or default

    layers = count("block_count", 1)
    heads = count("attention.head_count", 1)
    per_layer = header.arrays.get(f"{architecture}.attention.head_count_kv")
    kept = count("attention.head_count_kv", heads) * layers
    if per_layer:
        kept = sum(one for one in per_layer if isinstance(one, int) and one > 0)
    usual = count("embedding_length", 1) // heads
    width = count("attention.key_length", usual) + count("attention.value_length", usual)
    return kept * width
