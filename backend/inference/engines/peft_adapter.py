"""Merge a PEFT adapter into a loaded model. peft is an extra: it is imported only here."""

import importlib
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.tasks.peft_adapters import base_name

_WEIGHTS = "adapter_model.safetensors"
_EMBEDDINGS = ("get_input_embeddings", "get_output_embeddings")


def merge(model: Any, facts: Any, spec: ServerSpec, processor: Any) -> tuple[Any, Any]:
    """The merged model, and the loading facts without what the adapter has supplied.

    Raises LoadFailed if the adapter and the base model do not belong together.
    """
    if spec.adapter_dir is None:
        return model, facts
    folder = Path(spec.adapter_dir)
    with safe_open(folder / _WEIGHTS, "pt") as file:
        shapes = {base_name(name): file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    _resize(model, shapes, processor)
    result = merged(model.to(spec.device), folder)
    for name, parameter in result.named_parameters():
        if name in shapes:  # a module that the adapter replaces, which peft keeps in float32
            parameter.data = parameter.data.to(getattr(torch, spec.dtype))
    missing = {*facts["missing_keys"], *(key[0] for key in facts["mismatched_keys"])}
    return result, facts | {"missing_keys": missing - shapes.keys()}


def merged(model: Any, folder: Path) -> Any:
    """What PeftModel.from_pretrained and merge_and_unload return, with a check in between."""
    peft = importlib.import_module("peft")
    config = peft.PeftConfig.from_pretrained(str(folder))
    config.inference_mode = True
    adapted = peft.MODEL_TYPE_TO_PEFT_MODEL_MAPPING.get(config.task_type, peft.PeftModel)(
        model, config
    )
    result = adapted.load_adapter(
        str(folder), "default", torch_device=str(model.device),
        key_mapping=getattr(model, "_checkpoint_conversion_mapping", {}),
    )  # fmt: skip
    # A file may have embeddings twice, under a second name: only weights of the kind count.
    unexpected = [name for name in result.unexpected_keys if adapted.base_model.prefix in name]
    if wrong := [*result.missing_keys, *unexpected]:
        raise LoadFailed(
            f"{len(wrong)} tensors of the adapter and the base model do not match, for example "
            f"{wrong[0]!r}; the adapter was trained on another model."
        )
    _unwrap(adapted, peft.utils.ModulesToSaveWrapper)
    return adapted.merge_and_unload()


def _unwrap(adapted: Any, wrapper: type) -> None:
    """Put whole heads of the adapter in their place.

    merge_and_unload does it for single layers; of a head of several layers it reads a weight that
    does not exist, for all kinds of adapters but LoRA.
    """
    for name, module in list(adapted.named_modules()):
        if isinstance(module, wrapper) and not hasattr(module, "weight"):
            parent, _, child = name.rpartition(".")
            setattr(adapted.get_submodule(parent), child, module.modules_to_save["default"])


def _resize(model: Any, shapes: dict[str, list[int]], processor: Any) -> None:
    """Give the base model as many embeddings as the adapter was trained with, as peft does."""
    rows = model.get_input_embeddings().weight.shape[0] if _has_embeddings(model) else 0
    names = {id(module): f"{name}.weight" for name, module in model.named_modules()}
    for method in _EMBEDDINGS:
        module = getattr(model, method, lambda: None)()
        saved = shapes.get(names.get(id(module), ""))
        if saved and rows and saved[0] != rows:
            model.resize_token_embeddings(saved[0], mean_resizing=False)
            return
    tokens = len(processor) if hasattr(processor, "__len__") else 0
    if rows and tokens > rows:
        model.resize_token_embeddings(tokens)


def _has_embeddings(model: Any) -> bool:
    try:
        return model.get_input_embeddings() is not None
    except (AttributeError, NotImplementedError):
        return False
