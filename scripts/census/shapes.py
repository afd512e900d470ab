"""Which tiny repositories of the tests have the class and the kind of files of a recorded one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from backend.domain.model import ModelFacts
from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.tasks.colbert import is_projected_within

Tables = dict[str, dict[str, str]]


@cache
def tables() -> Tables:
    """Names in tests/fakes: tiny models and shapes by class, and repositories by kind of files."""
    found: Tables = json.loads(Path(__file__).with_name("shapes.json").read_text())
    return found


def class_run(model: ModelFacts | None) -> str | None:
    """The tiny model of the same class that the tests serve; None if there is none."""
    if model is None:
        return None
    if model.gguf:
        return tables()["files"]["gguf"] if model.gguf.architecture == "llama" else None
    classes = tables()["tiny_models"] | tables()["shapes"]
    return next((classes[name] for name in model.architectures if name in classes), None)


def files_run(model: ModelFacts | None) -> str | None:
    """The repository with files of the same kind; None for plain safetensors or if none has it."""
    kind = file_kind(model) if model else None
    return tables()["files"].get(kind) if kind else None


def file_kind(model: ModelFacts) -> str | None:
    """What is special about the files of a model."""
    if model.gguf:
        return "gguf"
    if model.onnx:
        return "onnx"
    if model.adapter:
        return "adapter"
    if model.quantization:
        return model.quantization.method
    special = _modules_kind(model.modules) if model.modules else None
    if special:
        return special
    if model.pickle:
        return "pickle in parts" if len(model.pickle.files) > 1 else "pickle"
    return "modules" if model.modules else None


def _modules_kind(modules: SentenceTransformersModel) -> str | None:
    if is_projected_within(modules):
        return "ColBERT"
    if modules.transformer is None:
        first = modules.modules[0].kind
        return "words" if first == "WordEmbeddings" else "static embeddings"
    return "CLIP of texts" if modules.transformer.folder else None
