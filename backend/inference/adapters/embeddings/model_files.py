"""Reads a sentence-transformers or ColBERT model from its local folder."""

import json
from pathlib import Path
from typing import Any, cast

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.tasks.colbert import METADATA, colbert_modules, is_colbert
from backend.tasks.module_files import MODULES, files_to_read, read_modules


def read_model(directory: Path) -> SentenceTransformersModel | None:
    """The model; None for a plain transformer. Raises CorruptModel, UnsafeRepository."""
    if not (directory / MODULES).is_file():
        return colbert_modules(_json(directory / METADATA)) if _is_colbert(directory) else None
    present = [
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*.json")
        if path.is_file()
    ]
    read: dict[str, object] = {}
    while names := files_to_read(read, present):
        read |= {name: _json(directory / name) for name in names}
    return read_modules(read)


def _is_colbert(directory: Path) -> bool:
    config = _json(directory / "config.json")
    return isinstance(config, dict) and is_colbert(cast("dict[str, object]", config))


def _json(path: Path) -> object:
    """The content of a file; an empty object if there is none."""
    return json.loads(path.read_bytes()) if path.is_file() else {}


def default_model(config: Any) -> SentenceTransformersModel:
    """What sentence-transformers makes of a transformer without files of its own.

    Mean pooling; the last token for models that read from left to right only.
    """
    is_causal = (config.architectures or [""])[0].endswith("ForCausalLM")
    is_last = is_causal and getattr(config, "is_causal", True)
    pooling: dict[str, object] = {"pooling_mode": "lasttoken" if is_last else "mean"}
    return SentenceTransformersModel(routes={"": [
        EmbeddingModule(kind="Transformer", folder=""),
        EmbeddingModule(kind="Pooling", folder="", settings=pooling),
    ]})  # fmt: skip
