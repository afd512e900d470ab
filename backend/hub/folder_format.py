"""Detect model formats that cannot be deployed, from the files of a folder or repository."""

from collections.abc import Collection
from dataclasses import dataclass

from backend.errors.model import UnsupportedFormat
from backend.hub import weight_files
from backend.hub.file_selection import formats
from backend.hub.gguf_files import has_gguf
from backend.hub.onnx_files import parts_of, select_onnx
from backend.hub.other_libraries import other_library
from backend.hub.pipeline_files import INDEX
from backend.hub.weight_headers import Json

CONFIG = "config.json"
ADAPTER = weight_files.ADAPTER_CONFIG
_USE_TRANSFORMERS = "Use a folder with config.json and model.safetensors."
_USE_SOURCE = (
    "Use the model that these files were converted from: config.json and model.safetensors."
)


@dataclass(frozen=True, kw_only=True)
class FolderFormat:
    """`kind` is the format, `reason` why it cannot be deployed, `instead` what to do."""

    kind: str
    reason: str
    instead: str = _USE_TRANSFORMERS


_PEFT = FolderFormat(
    kind="PEFT adapter",
    reason="It has no adapter_model.safetensors or adapter_model.bin.",
    instead="Add the weights that save_pretrained of PEFT writes.",
)
_LORA_FILE = "pytorch_lora_weights.safetensors"
_LORA = FolderFormat(
    kind="LoRA of diffusers",
    reason="LoRA weights of diffusers are not supported.",
    instead="Choose a whole pipeline, with a model_index.json.",
)
_OTHER_FORMATS = {
    "gguf": ("GGUF files", "No GGUF file is a whole model: parts of it are missing."),
    "onnx": ("ONNX model", "It has no ONNX file with the name of a whole model, model.onnx."),
    "openvino": ("OpenVINO model", "OpenVINO files are not supported yet."),
    "tensorflow": ("TensorFlow weights", "TensorFlow weights are not supported."),
    "flax": ("Flax weights", "Flax weights are not supported."),
    "tflite": ("TensorFlow Lite model", "TensorFlow Lite files are not supported."),
    "coreml": ("Core ML model", "Core ML files are not supported."),
}
_EMPTY = FolderFormat(
    kind="No model",
    reason="The folder is empty.",
    instead=f"Put a model into it. {_USE_TRANSFORMERS}",
)
_NO_CONFIG = FolderFormat(kind="No model", reason="The folder has no config.json.")
_ONLY_WEIGHTS = FolderFormat(
    kind="Weights without a config",
    reason="It has weights but no config.json, which names the architecture.",
    instead="Add the config.json and the tokenizer files that belong to these weights.",
)


def other_format(
    paths: Collection[str], config: Json | None, library: str | None = None
) -> FolderFormat | None:
    """A known format other than transformers'; None for transformers models and unknown files.

    `library`: as the Hub names it.
    """
    if not weight_files.NAMES.isdisjoint(paths):
        is_known = CONFIG in paths or weight_files.MODULES in paths or INDEX in paths
        return None if is_known else _of_library(paths, library) or _ONLY_WEIGHTS
    if ADAPTER in paths:
        return None if weight_files.is_adapter(paths) else _PEFT
    is_whole = INDEX in paths or weight_files.MODULES in paths or has_gguf(paths)
    if is_whole or (CONFIG in paths and select_onnx(paths)):
        return None
    is_usual = bool(config and (config.get("model_type") or config.get("architectures")))
    found = None if is_usual else _of_library(paths, library)
    return found or _converted(paths)


def _converted(paths: Collection[str]) -> FolderFormat | None:
    """The format of files that were converted from a model of transformers."""
    present = set(formats(paths)) | {"openvino" for path in paths if _is_openvino(path)}
    for name, (kind, reason) in _OTHER_FORMATS.items():
        if name in present:
            why = _onnx_reason(paths) if name == "onnx" else None
            return FolderFormat(kind=kind, reason=why or reason, instead=_USE_SOURCE)
    return None


def _of_library(paths: Collection[str], library: str | None) -> FolderFormat | None:
    if _LORA_FILE in paths:
        return _LORA
    title = other_library(paths, library)
    if title is None:
        return None
    return FolderFormat(
        kind=f"Model of {title}",
        reason="It has no config.json of transformers; only its own library can load it.",
        instead="Choose a model of transformers, sentence-transformers or diffusers for this task.",
    )


def unsupported_format(paths: Collection[str], config: Json | None) -> FolderFormat | None:
    """Why a local folder cannot be deployed; None if it has a config.json of transformers
    or the modules.json of sentence-transformers."""
    if found := other_format(paths, config):
        return found
    if not {CONFIG, INDEX, ADAPTER, weight_files.MODULES}.isdisjoint(paths) or has_gguf(paths):
        return None
    if not paths:
        return _EMPTY
    return _ONLY_WEIGHTS if {"safetensors", "pickle"} & set(formats(paths)) else _NO_CONFIG


def check_format(model_id: str, paths: Collection[str], config: Json | None) -> None:
    """Raises UnsupportedFormat for a folder that is not a transformers model."""
    if found := unsupported_format(paths, config):
        raise error_of(model_id, found)


def error_of(
    model_id: str, found: FolderFormat, base_model: str | None = None
) -> UnsupportedFormat:
    """The error for a model in this format, which was converted from `base_model`."""
    message = f"{model_id}: {found.kind}. {found.reason}"
    instead = found.instead
    if base_model and instead == _USE_SOURCE:
        instead = f"Use {base_model}, the model that these files were converted from."
    return UnsupportedFormat(message, kind=found.kind, reason=found.reason, instead=instead)


def _onnx_reason(paths: Collection[str]) -> str | None:
    if select_onnx(paths):
        return "It has no config.json, which names the architecture."
    if parts := parts_of(paths):
        return (
            f"The model is exported in parts ({', '.join(parts[:3])}), which only a program for "
            "this architecture can run; ONNX models of one file are supported."
        )
    return None


def _is_openvino(path: str) -> bool:
    return path.rsplit("/", 1)[-1].startswith("openvino_") and path.endswith(".xml")
