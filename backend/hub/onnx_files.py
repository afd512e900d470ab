"""Choose the ONNX file of a repository and what belongs to it, and check its structure.

Names are those that optimum, transformers.js and sentence-transformers write: `model.onnx` in the
top folder or in `onnx/`, with a suffix for other precisions, and data files beside it.
"""

import asyncio
import mmap
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from backend.domain.model import ModelFile, OnnxFile
from backend.errors.model import CorruptModel, MissingFiles, ModelNotSupported, UnsafeRepository
from backend.hub.file_selection import FileSelection
from backend.hub.names import is_safe
from backend.hub.onnx_graph import OnnxGraph, read_graph
from backend.hub.weight_files import layout_of

_FOLDERS = ("", "onnx/")
# Endings of the name, best first: full precision, then half, then the quantized ones.
_VARIANTS: tuple[tuple[str, str], ...] = (
    ("", "float32"), ("_optimized", "float32"), ("_O1", "float32"), ("_O2", "float32"),
    ("_O3", "float32"), ("_fp16", "float16"), ("_O4", "float16"), ("_bf16", "bfloat16"),
    ("_quantized", "int8"), ("_int8", "int8"), ("_uint8", "int8"), ("_qint8", "int8"),
    ("_quint8", "int8"), ("_q8", "int8"), ("_q4f16", "int4"), ("_q4", "int4"), ("_bnb4", "int4"),
)  # fmt: skip
# Quantizers of sentence-transformers add the instruction set: model_qint8_avx512_vnni.onnx.
_NAME = re.compile(r"(?:onnx/)?model(_[A-Za-z0-9]+)?(?:_(?:avx|arm|vnni)\w*)?\.onnx")
_PART = re.compile(r"(?:.*/)?[^/]*(decoder|encoder|embed_tokens|lm_head|text_model|vision_model)")
_FIRST_READ = 2_000_000


class Reader(Protocol):
    """Reads parts of files."""

    async def part(self, path: str, first: int, last: int) -> bytes:
        """Bytes from first to last, both included; fewer if the file ends before."""
        ...


def select_onnx(paths: Collection[str], dtype: str = "auto") -> OnnxFile | None:
    """The file with the whole model in this dtype, else in the best one; None if there is none."""
    found = [
        OnnxFile(path=path, dtype=precision)
        for ending, precision in _VARIANTS
        for folder in _FOLDERS
        for path in sorted(paths)
        if path.startswith(f"{folder}model") and _ending(path) == ending
    ]
    if not found:
        return None
    chosen = next((one for one in found if one.dtype == dtype), found[0])
    data = re.compile(re.escape(chosen.path) + r"[_.]data(_\d+)?")
    return chosen.model_copy(update={
        "data": sorted(path for path in paths if data.fullmatch(path)),
        "dtypes": sorted({one.dtype for one in found}),
    })  # fmt: skip


def parts_of(paths: Collection[str]) -> list[str]:
    """ONNX files with parts of a model, such as its decoder."""
    return sorted(path for path in paths if path.endswith(".onnx") and _PART.match(path))


def without_weights(listing: Mapping[str, ModelFile]) -> dict[str, ModelFile]:
    """The files without weights for transformers."""
    found = dict(listing)
    while layout := layout_of(found):
        found = {p: file for p, file in found.items() if p not in {layout.single, layout.index}}
    return found


def with_onnx(
    choice: FileSelection, listing: Mapping[str, ModelFile], onnx: OnnxFile
) -> FileSelection:
    """A selection without weights, and the ONNX file with its data as weights."""
    weights = [listing[path] for path in (onnx.path, *onnx.data)]
    files = sorted((*choice.files, *weights), key=lambda file: file.path)
    return replace(choice, weights=replace(choice.weights, files=weights), files=files)


async def inspect_onnx(
    reader: Reader, listing: Mapping[str, ModelFile], onnx: OnnxFile
) -> OnnxFile:
    """The file with its inputs and data files, as far as its start names them.

    Raises the errors of `check_graph`.
    """
    size = listing[onnx.path].bytes
    if size == 0:
        raise CorruptModel(f"{onnx.path!r} is empty.")
    start = await reader.part(onnx.path, 0, min(size, _FIRST_READ) - 1)
    graph = await asyncio.to_thread(read_graph, start, size, onnx.path)
    named = check_graph(graph, onnx.path, listing)
    data = named if graph.is_complete else sorted({*onnx.data, *named})
    return onnx.model_copy(update={
        "data": data, "inputs": graph.required_inputs if graph.is_complete else [],
    })  # fmt: skip


def check_graph(graph: OnnxGraph, path: str, present: Collection[str]) -> list[str]:
    """Paths of its data files, which ONNX Runtime opens itself when it loads the model.

    Raises UnsafeRepository for a path outside the model, MissingFiles, and ModelNotSupported for
    operators that need a library.
    """
    if domains := graph.custom_domains:
        raise ModelNotSupported(
            f"{path!r} has operators of {', '.join(domains)[:200]}, which ONNX Runtime lacks.",
            instead="Use the model that the ONNX file was converted from.",
        )
    folder = path.rpartition("/")[0]
    found: list[str] = []
    for location in sorted(graph.locations):
        # ONNX Runtime reads memory of its own process at a location of that name.
        if not is_safe(location) or "_ORT_MEM_ADDR_" in location:
            raise UnsafeRepository(f"{path!r} points to {location[:80]!r}, outside the repository.")
        data = f"{folder}/{location}" if folder else location
        if data not in present:
            raise MissingFiles(f"{path!r} refers to {data!r}, which is missing.", missing=data)
        found.append(data)
    return found


def check_onnx(path: Path, name: str, present: Collection[str]) -> None:
    """Check a downloaded file as a whole. Raises CorruptModel and the errors of `check_graph`."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        check_graph(read_graph(data, len(data), name), name, present)


def _ending(path: str) -> str | None:
    found = _NAME.fullmatch(path)
    return (found[1] or "") if found else None
