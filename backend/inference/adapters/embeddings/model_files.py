"""Reads a sentence-transformers model from its local folder."""

import json
from pathlib import Path
from typing import Any

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.tasks.module_files import files_to_read, read_modules


def read_model(directory: Path) -> SentenceTransformersModel | None:
    """The model; None without modules.json. Raises CorruptModel, UnsafeRepository."""
    if not (directory / "modules.json").is_file():
        return None
    present = [
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*.json")
        if path.is_file()
    ]
    read: dict[str, object] = {}
    while names := files_to_read(read, present):
        read |= {name: json.loads((directory / name).read_bytes()) for name in names}
    return read_modules(read)


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
