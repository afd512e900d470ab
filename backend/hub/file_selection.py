"""Select the files of a repository to download, and detect formats and code."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain.model import ModelFile
from backend.tasks.custom_code import names_code
from backend.tasks.library import vocabulary_files

SAFETENSORS = "model.safetensors"
MODULES = "modules.json"
SAFETENSORS_INDEX = "model.safetensors.index.json"
PICKLE = "pytorch_model.bin"
PICKLE_INDEX = "pytorch_model.bin.index.json"
# Files whose `auto_map` refers to code in the repository.
CONFIGS = (
    "config.json", "tokenizer_config.json", "processor_config.json", "preprocessor_config.json",
    "video_preprocessor_config.json", "generation_config.json",
)  # fmt: skip
_TEXTS = (".json", ".txt", ".model", ".jinja", ".tiktoken", ".spm", ".vocab", ".bpe")
_NOT_NEEDED = re.compile(
    r"(trainer_state|(all|eval|train|predict)_results|training_args|metrics|adapter_config)\.json"
    r"|.*\.index(\.\w+)?\.json|requirements.*\.txt|readme.*|license.*|.*\.(onnx|openvino)\.json",
    re.IGNORECASE,
)
# sentence-transformers stores its modules in directories such as `1_Pooling`.
_MODULE = re.compile(r"\d+_[A-Za-z]+/[^/]+\.(json|safetensors|txt|model)")
_MODULE_PICKLE = re.compile(r"\d+_[A-Za-z]+/pytorch_model\.bin")
_TEMPLATE = re.compile(r"additional_chat_templates/[^/]+\.jinja")
_CODE = re.compile(
    r"(modeling|configuration|tokenization|processing|image_processing|feature_extraction)_[^/]*\.py"
    r"|custom_generate/.*"
)
_FORMATS = {
    ".safetensors": "safetensors", ".bin": "pickle", ".pt": "pickle", ".pth": "pickle",
    ".ckpt": "pickle", ".pkl": "pickle", ".onnx": "onnx", ".gguf": "gguf", ".h5": "tensorflow",
    ".msgpack": "flax", ".tflite": "tflite", ".mlmodel": "coreml",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FileSelection:
    """The weights to load, and all files to download."""

    weights: list[ModelFile]
    files: list[ModelFile]
    has_pickle_only: bool


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """The risks that the request accepts."""

    pickle: bool = False
    remote_code: bool = False


def select_files(
    listing: dict[str, ModelFile], shards: Iterable[str], allowed: Allowed
) -> FileSelection:
    """Select files. `shards` are the files in the weights index, empty without an index."""
    safe = _weights(listing, SAFETENSORS, SAFETENSORS_INDEX, shards)
    pickled = [] if safe else _weights(listing, PICKLE, PICKLE_INDEX, shards)
    layers = _pickled_layers(listing)
    weights = safe or pickled
    wanted = safe if not allowed.pickle else weights
    index = SAFETENSORS_INDEX if safe else PICKLE_INDEX
    is_sharded = any(file.path not in {SAFETENSORS, PICKLE} for file in wanted)
    extra = [listing[index]] if is_sharded else []
    beside = [file for path, file in listing.items() if _is_wanted(path, allowed)]
    files = {
        file.path: file for file in (*beside, *extra, *wanted, *(layers if allowed.pickle else ()))
    }
    return FileSelection(
        weights=weights,
        has_pickle_only=bool(pickled or layers),
        files=sorted(files.values(), key=lambda file: file.path),
    )


def index_of(listing: dict[str, ModelFile]) -> str | None:
    """The index that must be read before the weights can be selected; None if there is none."""
    for single, index in ((SAFETENSORS, SAFETENSORS_INDEX), (PICKLE, PICKLE_INDEX)):
        if single in listing:
            return None
        if index in listing:
            return index
    return None


def has_safetensors(paths: Iterable[str]) -> bool:
    """Whether transformers finds safetensors among these paths."""
    return not {SAFETENSORS, SAFETENSORS_INDEX}.isdisjoint(paths)


def formats(paths: Iterable[str]) -> list[str]:
    """Formats of the weights, by file extension."""
    endings = {"." + path.rsplit(".", 1)[-1] for path in paths if "." in path}
    return sorted({_FORMATS[ending] for ending in endings if ending in _FORMATS})


def has_code(paths: Iterable[str], configs: Iterable[object], tags: Iterable[str] = ()) -> bool:
    """Whether the repository contains Python code of a model, by its configs, files or tags."""
    return (
        "custom_code" in tags
        or any(_CODE.fullmatch(path) for path in paths)
        or any(names_code(config) for config in configs)
    )


def _weights(
    listing: dict[str, ModelFile], single: str, index: str, shards: Iterable[str]
) -> list[ModelFile]:
    if single in listing:
        return [listing[single]]
    if index in listing:
        return [listing[path] for path in sorted(set(shards)) if path in listing]
    return []


def _pickled_layers(listing: dict[str, ModelFile]) -> list[ModelFile]:
    """Weights of sentence-transformers modules that exist only as pickle files."""
    return [
        file
        for path, file in listing.items()
        if MODULES in listing
        and _MODULE_PICKLE.fullmatch(path)
        and f"{path.partition('/')[0]}/{SAFETENSORS}" not in listing
    ]


def _is_wanted(path: str, allowed: Allowed) -> bool:
    if _MODULE.fullmatch(path) or _TEMPLATE.fullmatch(path):
        return True
    if allowed.remote_code and (path.endswith(".py") or path.startswith("custom_generate/")):
        return path.count("/") <= 1
    if path in vocabulary_files():
        return True
    return "/" not in path and path.endswith(_TEXTS) and not _NOT_NEEDED.fullmatch(path)
