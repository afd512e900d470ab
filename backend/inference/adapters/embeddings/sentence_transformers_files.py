"""Reads the configuration files of sentence-transformers: layers, prompts and limits."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.errors.server import LoadFailed
from backend.tasks.layers import kind_of

# Older files have one flag per pooling; several poolings are concatenated in this order.
_SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_FOLDER = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One entry of modules.json, with the settings and weights in its folder."""

    kind: str
    folder: Path
    settings: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SentenceTransformersFiles:
    """The configuration of a model. `layers` are those after the transformer, in order.

    `prompt` is the default prompt. `max_tokens` and `dimensions` are limits set by the author;
    None if there are none.
    """

    layers: tuple[Layer, ...]
    prompts: dict[str, str]
    prompt: str = ""
    max_tokens: int | None = None
    lowers_case: bool = False
    dimensions: int | None = None
    activation: str | None = None


def read_sentence_transformers_files(
    folder: Path, transformer_task: str, known: frozenset[str]
) -> SentenceTransformersFiles:
    """Read all files; without them there are no layers. Raises LoadFailed for unsupported ones."""
    layers = _layers(folder, known)
    first = layers[0].settings if layers else _transformer(folder)
    _check_transformer(first, transformer_task)
    settings = _read(folder / "config_sentence_transformers.json", {}) if layers else {}
    prompts = {"query": "", "document": ""} | dict(settings.get("prompts") or {})
    tokenizer = first.get("processor_kwargs") or first.get("tokenizer_args") or {}
    return SentenceTransformersFiles(
        layers=layers[1:],
        prompts=prompts,
        prompt=prompts.get(settings.get("default_prompt_name") or "", ""),
        max_tokens=first.get("max_seq_length") or tokenizer.get("model_max_length"),
        lowers_case=bool(first.get("do_lower_case")),
        dimensions=settings.get("truncate_dim"),
        activation=settings.get("activation_fn"),
    )


def poolings(settings: dict[str, Any]) -> tuple[str, ...]:
    """Names of the poolings to concatenate; mean pooling by default."""
    named = settings.get("pooling_mode")
    if isinstance(named, str):
        return (named,)
    return tuple(
        named or [name for key, name in _SWITCHES.items() if settings.get(key)] or ["mean"]
    )


def _layers(folder: Path, known: frozenset[str]) -> tuple[Layer, ...]:
    lines = sorted(_read(folder / "modules.json", []), key=lambda line: line["idx"])
    kinds = [kind_of(line["type"]) for line in lines]
    if extra := sorted(set(kinds) - known):
        raise LoadFailed(f"The model has layers that are not supported: {', '.join(extra)}.")
    if lines and (kinds[0] != "Transformer" or lines[0]["path"] or "Transformer" in kinds[1:]):
        raise LoadFailed("The first layer of the model must be a transformer in the top folder.")
    return tuple(_layer(folder, line) for line in lines)


def _layer(folder: Path, line: dict[str, Any]) -> Layer:
    kind, path = kind_of(line["type"]), line["path"]
    if kind == "Transformer":
        return Layer(kind=kind, folder=folder, settings=_transformer(folder))
    if not _FOLDER.fullmatch(path):
        raise LoadFailed(f"modules.json names {path[:80]!r}, which is not a folder of the model.")
    return Layer(kind=kind, folder=folder / path, settings=_read(folder / path / "config.json", {}))


def _transformer(folder: Path) -> dict[str, Any]:
    """Read sentence_bert_config.json, or an older name such as sentence_roberta_config.json."""
    found = [folder / "sentence_bert_config.json", *sorted(folder.glob("sentence_*_config.json"))]
    return next((_read(file, {}) for file in found if file.is_file()), {})


def _check_transformer(settings: dict[str, Any], transformer_task: str) -> None:
    task = settings.get("transformer_task", transformer_task)
    if task != transformer_task:
        raise LoadFailed(f"The model's files declare the task {task!r}.")
    if set(settings.get("modality_config", {"text": None})) != {"text"}:
        raise LoadFailed("Inputs other than plain text are not supported for this model.")
    if settings.get("processing_kwargs"):
        raise LoadFailed("The model's files change the text preprocessing, which is not supported.")


def _read(path: Path, default: Any) -> Any:
    return json.loads(path.read_text()) if path.is_file() else default
