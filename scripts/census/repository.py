"""A repository made of recorded facts, which the Hub's inspection reads like any other."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import cast

from backend.domain.model import ModelFile
from backend.hub.gguf_files import variants
from backend.hub.headers import DTYPE_BITS
from backend.hub.weight_headers import Json
from backend.tasks.colbert import METADATA, PROJECTION, is_colbert
from scripts.census import contents
from scripts.census.contents import Content
from scripts.census.entry import Entry

_INDEX = ".index.json"
_WEIGHTS = (".safetensors", ".bin", ".onnx", ".gguf")
# Of other files, so that none is empty.
_SMALL = 1000
_CLASSES = "sentence_transformers.models."


@dataclass(frozen=True)
class Repository:
    """The files of an entry. Implements Reader."""

    entry: Entry
    files: dict[str, Content]

    @property
    def listing(self) -> dict[str, ModelFile]:
        """The files with their sizes; hashes are not known."""
        return {
            path: ModelFile(path=path, bytes=file.size, sha256="0" * 64)
            for path, file in self.files.items()
        }

    async def json(self, path: str) -> Json | None:
        """The recorded content; an empty object for other files."""
        content = json_content(self.entry, path)
        return cast("Json", content) if isinstance(content, dict) else None

    async def part(self, path: str, first: int, last: int) -> bytes:
        """Bytes from first to last, both included."""
        return self.files[path].part(first, last)


def repository(entry: Entry) -> Repository:
    """The repository with all recorded files."""
    paths = entry.paths
    alike = Counter(_family(path) for path in paths if path.endswith(_WEIGHTS))
    files = {path: _content(entry, path, alike[_family(path)]) for path in paths}
    return Repository(entry, files)


def json_content(entry: Entry, path: str) -> object:
    """The content of a JSON file."""
    if path in entry.json_files:
        return entry.json_files[path]
    if path == "config.json":
        return entry.config
    if path == "tokenizer_config.json":
        return {"tokenizer_class": entry.tokenizer} if entry.tokenizer else {}
    if path == "modules.json":
        return [
            {"idx": place, "path": "" if place == 0 else f"{place}_{kind}", "type": _CLASSES + kind}
            for place, kind in enumerate(entry.modules)
        ]
    if path.endswith(_INDEX):
        stem, ending = path.removesuffix(_INDEX).rsplit(".", 1)
        shards = [one for one in entry.paths if one.startswith(f"{stem}-") and ending in one]
        return {
            "weight_map": {f"{n}.weight": one.rpartition("/")[2] for n, one in enumerate(shards)}
        }
    return {}


def parameters_of(entry: Entry, path: str, alike: int) -> int:
    """Number of parameters in a weight file; of a family, each file has the same number."""
    folder = path.rpartition("/")[0]
    total = entry.parts.get(folder, entry.parameters or 0)
    return int(total) // max(alike, 1)


def _content(entry: Entry, path: str, alike: int) -> Content:
    parameters = parameters_of(entry, path, alike)
    size = int(entry.sizes.get(path, parameters * DTYPE_BITS[entry.dtype] / 8))
    if path.endswith(".safetensors") and entry.tensors:
        return contents.quantized(path, int(entry.bytes or size) // alike, entry.tensors)
    if path.endswith(".safetensors"):
        return contents.safetensors(parameters, entry.dtype, _projection(entry))
    if path.endswith(".bin"):
        return contents.torch_pickle(parameters, entry.dtype)
    if path.endswith(".onnx"):
        return contents.onnx(size)
    if path.endswith(".gguf"):
        found = variants({path: ModelFile(path=path, bytes=size)})
        name = found[0].quantization if found else ""
        return contents.gguf(size, int(entry.parameters or 0), name, entry.gguf)
    # The first byte of a SentencePiece model, which inspection tells from a list of tokens.
    start = b"\n" if path.endswith(".model") else json.dumps(json_content(entry, path)).encode()
    return Content(size=max(len(start), _SMALL), parts={0: start + b" " * (_SMALL - len(start))})


def _projection(entry: Entry) -> contents.Tensors:
    """The projection of a ColBERT checkpoint, which its config implies."""
    config, metadata = entry.config or {}, entry.json_files.get(METADATA, {})
    if not is_colbert(config):
        return {}
    shape = [cast("Json", metadata)["dim"], config["hidden_size"]]
    return {PROJECTION: (entry.dtype, cast("list[int]", shape))}


def _family(path: str) -> str:
    """Files that hold one model together: shards of one name."""
    name, _, ending = path.rpartition(".")
    return f"{name.split('-00')[0]}.{ending}"
