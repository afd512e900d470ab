"""Whether and how a quantized checkpoint can be loaded, from its configs and tensor headers."""

import math
from collections.abc import Mapping
from typing import cast

from backend.domain.quantization import Quantization
from backend.tasks.quantization_methods import METHODS, Method
from backend.tasks.quantized_tensors import FLOATS, Shapes, bytes_of
from backend.tasks.quantizers import Quantizer, quantizers

Json = Mapping[str, object]
# Files of checkpoints whose config.json does not name the method: AutoGPTQ, AutoAWQ, ModelOpt.
OLDER_FILES = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
_LONGEST = 40
_NO_HEADERS = "their layout is not known: they are not in safetensors files, or in too many"


def quantization_settings(configs: Mapping[str, Json]) -> dict[str, object] | None:
    """The quantization settings in the configs by file name, with `quant_method`; None without.

    Composite models may have them in the config of their language model.
    """
    config = configs.get("config.json", {})
    for one in (config, _table(config.get("text_config"))):
        found = _table(one.get("quantization_config") or one.get("compression_config"))
        if found:
            return {**found, "quant_method": _method_of(found, config)}
    for name in OLDER_FILES:
        if name in configs:
            return _older(name, configs[name])
    return None


def quantization_of(configs: Mapping[str, Json], shapes: Shapes | None) -> Quantization | None:
    """How the checkpoint is quantized; None if it is not.

    `shapes`: the tensors of all weight files; None if they are not known.
    """
    settings = quantization_settings(configs)
    if settings is None:
        return None
    name = str(settings["quant_method"])[:_LONGEST]
    method = METHODS.get(name)
    if method is None:
        return Quantization(method=name, title=name, loads=None, reason=_unsupported(name))
    title = method.title(settings)
    reason = _NO_HEADERS
    if shapes is not None:
        reason = method.problem(settings, shapes, configs.get("config.json", {}))
        if reason is None:
            return _loadable(name, title, method, settings, shapes)
    return Quantization(method=name, title=title, loads=None, reason=reason)


def _loadable(
    name: str, title: str, method: Method, settings: Json, shapes: Shapes
) -> Quantization:
    elements = {
        tensor: math.prod(shape) * method.elements(tensor, dtype, settings)
        for tensor, (dtype, shape) in shapes.items()
    }
    if method.is_dequantized:
        return Quantization(
            method=name, title=title, loads="dequantized", libraries=list(method.libraries),
            parameters=sum(elements.values()), unpacked=sum(elements.values()),
        )  # fmt: skip
    full = {tensor for tensor, count in elements.items() if count and shapes[tensor][0] in FLOATS}
    return Quantization(
        method=name, title=title, loads="quantized", libraries=list(method.libraries),
        parameters=sum(elements.values()), unpacked=sum(elements[tensor] for tensor in full),
        packed_bytes=sum(bytes_of(*shapes[tensor]) for tensor in shapes if tensor not in full),
    )  # fmt: skip


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _method_of(settings: Json, config: Json) -> str:
    if settings.get("load_in_4bit") or settings.get("load_in_8bit"):
        return "bitsandbytes"
    named = settings.get("quant_method")
    if isinstance(named, str):
        return named
    # MLX stores the same table under both names, without a method.
    return "mlx" if config.get("quantization") == settings else "an unknown method"


def _older(name: str, found: Json) -> dict[str, object]:
    if name == "hf_quant_config.json":
        return {**_table(found.get("quantization")), "quant_method": "modelopt"}
    if name == "quantize_config.json":
        return {"quant_method": "gptq", **found}
    renamed = {"w_bit": "bits", "q_group_size": "group_size"}
    return {"quant_method": "awq", **{renamed.get(key, key): found[key] for key in found}}


def _unsupported(name: str) -> str:
    known: Quantizer | None = quantizers().get(name)
    if known is None:
        return "transformers cannot load this quantization method"
    needs = " and ".join(known.libraries)
    if known.needs_gpu:
        needs = f"a GPU and {needs}" if needs else "a GPU"
    if not needs:
        return "Slipway does not support this quantization method"
    return f"transformers requires {needs} for it, which Slipway does not offer"
