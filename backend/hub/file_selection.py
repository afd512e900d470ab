"""Select the files of a repository to download, and detect formats and code."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backend.domain.model import ModelFile
from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.hub.weight_files import (
    ADAPTER_CONFIG,
    ADAPTER_LAYOUTS,
    LAYOUTS,
    SAFETENSORS,
    SAFETENSORS_INDEX,
    Weights,
    index_of,
    is_adapter,
    layout_of,
    select_weights,
)
from backend.tasks.colbert import METADATA
from backend.tasks.custom_code import names_code
from backend.tasks.library import vocabulary_files
from backend.tasks.quantization import OLDER_FILES
from backend.tasks.voice_presets import is_preset

# Files whose `auto_map` refers to code in the repository, or that name a quantization method.
CONFIGS = (
    "config.json", "tokenizer_config.json", "processor_config.json", "preprocessor_config.json",
    "video_preprocessor_config.json", "generation_config.json", *OLDER_FILES,
)  # fmt: skip
_TEXTS = (".json", ".txt", ".model", ".jinja", ".tiktoken", ".spm", ".vocab", ".bpe")
_NOT_NEEDED = re.compile(
    r"(trainer_state|(all|eval|train|predict)_results|training_args|metrics|adapter_config)\.json"
    r"|.*\.index(\.\w+)?\.json|requirements.*\.txt|readme.*|license.*|.*\.(onnx|openvino)\.json",
    re.IGNORECASE,
)
# sentence-transformers stores its modules in directories such as `1_Pooling`.
_MODULE = re.compile(r"\d+_[A-Za-z]+/[^/]+\.(json|safetensors|txt|model)")
_TEMPLATE = re.compile(r"additional_chat_templates/[^/]+\.jinja")
_CODE = re.compile(
    r"(modeling|configuration|tokenization|processing|image_processing|feature_extraction)_[^/]*\.py"
    r"|custom_generate/.*|handler\.py"
)
_FORMATS = {
    ".safetensors": "safetensors", ".bin": "pickle", ".pt": "pickle", ".pth": "pickle",
    ".ckpt": "pickle", ".pkl": "pickle", ".onnx": "onnx", ".gguf": "gguf", ".h5": "tensorflow",
    ".msgpack": "flax", ".tflite": "tflite", ".mlmodel": "coreml",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FileSelection:
    """The weights to load, and all files to download."""

    weights: Weights
    files: list[ModelFile]


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """The parts of a request that change what is downloaded."""

    remote_code: bool = False
    engine: str = "auto"
    dtype: str = "auto"
    quantization: str = "none"
    memory_bytes: int | None = None
    languages: tuple[str, ...] = ()


def select_files(
    listing: dict[str, ModelFile],
    shards: Iterable[str],
    allowed: Allowed,
    modules: SentenceTransformersModel | None = None,
) -> FileSelection:
    """Select files. `shards` are the files in the weights index, empty without an index."""
    own = is_adapter(listing)
    used = {one.folder for one in modules.modules} if modules else {""}
    holders = modules.folders if modules else {""}
    among = ADAPTER_LAYOUTS if own else LAYOUTS
    weights = select_weights(listing, shards, among, folders=holders)
    beside = [
        file
        for path, file in listing.items()
        if _is_wanted(path, allowed) or _is_of_module(path, used) or is_preset(path, listing)
    ]
    layout, index = layout_of(listing) if "" in holders else None, index_of(listing)
    # The conversion of pickle files writes an index of its own.
    needed = [listing[index]] if layout and index and not layout.is_pickle else []
    needed += [listing[ADAPTER_CONFIG]] if own else []
    chosen = (*beside, *needed, *weights.files, *weights.modules)
    files = {file.path: file for file in chosen}
    return FileSelection(weights=weights, files=sorted(files.values(), key=lambda file: file.path))


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


def _is_of_module(path: str, folders: Collection[str]) -> bool:
    """Whether it is a config, vocabulary or tensor file in the folder of a module."""
    folder, _, name = path.rpartition("/")
    if not folder or folder not in folders:
        return False
    is_index = name == SAFETENSORS_INDEX
    is_text = name.endswith(_TEXTS) and not _NOT_NEEDED.fullmatch(name)
    return is_index or is_text or name == SAFETENSORS


def _is_wanted(path: str, allowed: Allowed) -> bool:
    if any(pattern.fullmatch(path) for pattern in (_MODULE, _TEMPLATE)):
        return True
    if allowed.remote_code and (path.endswith(".py") or path.startswith("custom_generate/")):
        return path.count("/") <= 1
    if path in vocabulary_files() or path == METADATA:
        return True
    return "/" not in path and path.endswith(_TEXTS) and not _NOT_NEEDED.fullmatch(path)
