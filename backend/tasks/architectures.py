"""Model classes by the kind that loads them, as the installed transformers has it."""

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import cast

_FILE = Path(__file__).with_name("architectures.json")


@cache
def _table() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    found = json.loads(_FILE.read_text())
    kinds = {kind: frozenset(names) for kind, names in found["kinds"].items()}
    return kinds, frozenset(found["needs_torchvision"])


@cache
def _known() -> frozenset[str]:
    return frozenset(name for names in _table()[0].values() for name in names)


def is_kind(architecture: str, kind: str, config: Mapping[str, object]) -> bool:
    """Whether `kind` loads this class. A class of a repository's own is told by its `auto_map`, and
    one that nobody knows by the ending of its name. A kind that is a single class has no others."""
    if architecture == kind or architecture in _table()[0].get(kind, ()):
        return True
    if architecture in _known() or kind not in _table()[0]:
        return False
    mapped = config.get("auto_map")
    if isinstance(mapped, dict) and kind in cast("Collection[str]", mapped):
        return True
    ending = kind.removeprefix("AutoModel") if kind.startswith("AutoModelFor") else "Model"
    return kind != "AudioEncoder" and architecture.endswith(_ENDINGS.get(kind, (ending,)))


# What older libraries and repositories of their own call the same things.
_ENDINGS: dict[str, tuple[str, ...]] = {
    "AutoModelForCausalLM": ("ForCausalLM", "LMHeadModel"),
    "AutoModelForImageClassification": (
        "ForImageClassification", "ForImageClassificationWithTeacher",
    ),
    "TextEncoder": ("Model", "Encoder"),
    "ImageEncoder": (),
}  # fmt: skip


def needs_torchvision(config: Mapping[str, object]) -> bool:
    """Whether only torchvision can prepare images for this model type."""
    return config.get("model_type") in _table()[1]
