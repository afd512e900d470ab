"""Model classes by the auto class that loads them, as in the installed transformers."""

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

_FILE = Path(__file__).with_name("architectures.json")


class _Table(NamedTuple):
    kinds: dict[str, frozenset[str]]
    needs_torchvision: frozenset[str]
    not_loaded: frozenset[str]
    model_types: dict[str, str]


@cache
def _table() -> _Table:
    found = json.loads(_FILE.read_text())
    kinds = {kind: frozenset(names) for kind, names in found["kinds"].items()}
    others = frozenset(found["needs_torchvision"]), frozenset(found["not_loaded"])
    return _Table(kinds, *others, found["model_types"])


@cache
def _known() -> frozenset[str]:
    return frozenset(name for names in _table().kinds.values() for name in names)


def kinds(kind: str) -> frozenset[str]:
    """Model classes that this auto class loads."""
    return _table().kinds.get(kind, frozenset())


def is_known(architecture: object) -> bool:
    """Whether an auto class of the installed library loads this model class."""
    return architecture in _known()


def model_type_of(architectures: Collection[object]) -> str | None:
    """The model type of these classes, if the installed library has one for them."""
    names = [_RENAMED.get(str(name), str(name)) for name in architectures]
    found = {_table().model_types.get(name) for name in names}
    return found.pop() if len(found) == 1 else None


def has_class(kind: str, model_type: object) -> bool:
    """Whether this auto class loads a model class of this model type."""
    return any(_table().model_types.get(name) == model_type for name in kinds(kind))


def is_kind(architecture: str, kind: str, config: Mapping[str, object]) -> bool:
    """Return whether `kind` (an auto class or a single class) loads this model class.

    Custom classes are recognized by `auto_map` in config.json, unknown ones by their suffix.
    """
    architecture = _RENAMED.get(architecture, architecture)
    if architecture == kind or architecture in _table().kinds.get(kind, ()):
        return True
    is_other = architecture in _known() or architecture in _table().not_loaded
    if is_other or kind not in _table().kinds:
        return False
    mapped = config.get("auto_map")
    if isinstance(mapped, dict) and kind in cast("Collection[str]", mapped):
        return True
    ending = kind.removeprefix("AutoModel") if kind.startswith("AutoModelFor") else "Model"
    return kind != "AudioEncoder" and architecture.endswith(_ENDINGS.get(kind, (ending,)))


# Names of classes in old checkpoints, which transformers has under another name.
_RENAMED = {"T5WithLMHeadModel": "T5ForConditionalGeneration"}
# Other names for the same classes in older libraries and in custom code.
_ENDINGS: dict[str, tuple[str, ...]] = {
    "AutoModelForCausalLM": ("ForCausalLM", "LMHeadModel"),
    "AutoModelForImageClassification": (
        "ForImageClassification", "ForImageClassificationWithTeacher",
    ),
    "TextEncoder": ("Model", "Encoder"),
    "ImageEncoder": (),
    "TextToImagePipeline": (),
    "ImageToImagePipeline": (),
    "InpaintPipeline": (),
}  # fmt: skip


def needs_torchvision(config: Mapping[str, object]) -> bool:
    """Return whether image preprocessing for this model type requires torchvision."""
    return config.get("model_type") in _table().needs_torchvision
