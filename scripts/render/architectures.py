"""Render backend/tasks/architectures.json: the model classes of each auto class of transformers.

With it the control plane determines a model's task from config.json without importing
transformers. It is read from the installed version.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# `AutoModel` loads models without a head for all modalities; these three give the input modality.
ENCODERS = ("TextEncoder", "ImageEncoder", "AudioEncoder")
_MODEL = re.compile(r"(?<!PreTrained)(?<!Pretrained)(Model|Encoder|For[A-Z]\w+)$")
_NO_TEXT = re.compile(r"vision|audio|speech|image|video|time|patchts|decision_transformer")


def table() -> str:
    """Auto classes with their model classes, other classes, types of classes, and types that
    require torchvision."""
    models = _module("modeling_auto")
    kinds = {name: classes(model) for name, model in _auto_models(models)}
    processors = _images()
    # Video processors require torchvision, except where an image processor accepts the frames;
    # image-text-to-text models name their processor in their own files.
    videos = set(_module("video_processing_auto").VIDEO_PROCESSOR_MAPPING_NAMES) - {
        *processors, *models.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    }  # fmt: skip
    images = {kind for kind, found in processors.items() if set(found) == {"torchvision"}}
    content = {
        "kinds": dict(sorted({**kinds, **_encoders(models), **_pipelines()}.items())),
        "model_types": _model_types(models),
        "needs_torchvision": sorted(images | videos),
        "not_loaded": _not_loaded(models),
    }
    return json.dumps(content, indent=1) + "\n"


def _model_types(module: Any) -> dict[str, str]:
    """The model type of each model class: its only one, or the one that its name begins with."""
    mappings = (getattr(module, name) for name in dir(module) if name.endswith("_MAPPING_NAMES"))
    found: dict[str, set[str]] = {}
    for mapping in mappings:
        for kind, names in mapping.items():
            for name in classes({kind: names}):
                found.setdefault(name, set()).add(kind)
    told = {
        name: kinds if len(kinds) == 1 else {kind for kind in kinds if _begins(name, kind)}
        for name, kinds in sorted(found.items())
    }
    return {name: min(kinds) for name, kinds in told.items() if len(kinds) == 1}


def _begins(name: str, kind: str) -> bool:
    return name.lower().startswith(re.sub("[-_]", "", kind))


def _not_loaded(module: Any) -> list[str]:
    """Model classes that no auto class loads: parts of models, and heads for other purposes."""
    mappings = (getattr(module, name) for name in dir(module) if name.endswith("_MAPPING_NAMES"))
    loaded = {name for mapping in mappings for name in classes(mapping)}
    places: Mapping[str, str] = importlib.import_module("transformers")._class_to_module
    return sorted(
        name
        for name, place in places.items()
        if ".modeling_" in place
        and place.startswith("models.")
        and _MODEL.search(name)
        and not name.startswith("Auto")
        and name not in loaded
    )


def _pipelines() -> dict[str, list[str]]:
    """Pipelines of diffusers by what they do, without those that need more than an image or a text.

    A pipeline that generates images from a text also changes images if diffusers has a pipeline of
    the same components that does; `InpaintPipeline` are those that do nothing else.
    """
    auto = importlib.import_module("diffusers.pipelines.auto_pipeline")
    texts = _usable(auto.AUTO_TEXT2IMAGE_PIPELINES_MAPPING)
    images = _usable(auto.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING)
    masks = _usable(auto.AUTO_INPAINT_PIPELINES_MAPPING)
    return {
        "TextToImagePipeline": sorted(set(texts.values())),
        "ImageToImagePipeline": sorted(
            {texts[k] for k in texts.keys() & images} | set(images.values())
        ),
        "InpaintPipeline": sorted(set(masks.values())),
    }


def _usable(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Class names by kind, without those that load several repositories or need a control image."""
    return {
        kind: pipeline.__name__
        for kind, pipeline in mapping.items()
        if "control" not in kind and "Combined" not in pipeline.__name__
    }


def _module(name: str) -> Any:
    """Imported on demand, since it takes seconds."""
    return importlib.import_module(f"transformers.models.auto.{name}")


def _images() -> dict[str, Any]:
    """Image processors by model type, one class name per backend."""
    module = _module("image_processing_auto")
    return {
        **module.MISSING_IMAGE_PROCESSOR_MAPPING_NAMES,
        **module.IMAGE_PROCESSOR_MAPPING_NAMES,
    }


def _auto_models(module: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Auto classes (`AutoModelFor...`) with their mapping of model types to class names."""
    for name in dir(module):
        mapping = getattr(getattr(module, name), "_model_mapping", None)
        if name.startswith("AutoModelFor") and mapping is not None:
            yield name, mapping._model_mapping


def classes(mapping: Mapping[str, Any]) -> list[str]:
    """Class names of a mapping whose values are names or tuples of names."""
    found = (v if isinstance(v, (tuple, list)) else (v,) for v in mapping.values())
    return sorted({str(name) for names in found for name in names})


def _encoders(module: Any) -> dict[str, list[str]]:
    images = set(_images())
    audios = set(_module("feature_extraction_auto").FEATURE_EXTRACTOR_MAPPING_NAMES)
    texts = set(_module("tokenization_auto").TOKENIZER_MAPPING_NAMES)
    bare: Mapping[str, Any] = module.MODEL_MAPPING_NAMES
    image = {k: v for k, v in bare.items() if k in images - texts}
    text = {
        kind: name
        for kind, name in bare.items()
        if kind not in images | audios and not _NO_TEXT.search(kind)
    }
    return {
        "TextEncoder": classes({**text, **module.MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES}),
        "ImageEncoder": classes({**image, **module.MODEL_FOR_IMAGE_MAPPING_NAMES}),
        "AudioEncoder": classes({k: v for k, v in bare.items() if k in audios}),
    }
