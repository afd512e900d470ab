"""Prepare transformers for a quantized checkpoint, in the process of its server alone."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers.quantizers import auto
from transformers.quantizers.base import HfQuantizer

from backend.tasks.quantization import OLDER_FILES, quantization_settings

_PACKED = ("gptq", "awq", "auto-round")
# Their kernels for packed weights run on some GPUs only, or are downloaded when they are used.
_DEQUANTIZED = ("fp8", "mxfp4", "compressed-tensors")


def loading_options(config: Any, folder: Path, device: str) -> dict[str, Any]:
    """Options of `from_pretrained` for the model of this config; none if it is not quantized."""
    settings = quantization_settings({"config.json": config.to_dict(), **_older(folder)})
    if settings is None:
        return {}
    _register(str(settings["quant_method"]))
    named = getattr(config, "quantization_config", None)
    config.quantization_config = settings if named is None else {**named, **settings}
    is_bits_and_bytes = settings["quant_method"] == "bitsandbytes"
    # Without it, bitsandbytes takes the first GPU.
    return {"config": config} | ({"device_map": {"": device}} if is_bits_and_bytes else {})


def cast_full_precision(model: Any, dtype: torch.dtype) -> None:
    """Give weights that are not quantized the dtype, also those that a quantizer left as stored."""
    kept = set(getattr(model, "_keep_in_fp32_modules", None) or [])
    for name, parameter in model.named_parameters():
        is_plain = type(parameter) is torch.nn.Parameter and type(parameter.data) is torch.Tensor
        if is_plain and parameter.is_floating_point() and not kept.intersection(name.split(".")):
            parameter.data = parameter.data.to(dtype)


def _older(folder: Path) -> dict[str, Any]:
    return {
        name: json.loads((folder / name).read_text())
        for name in OLDER_FILES
        if (folder / name).is_file()
    }


def _register(method: str) -> None:
    """Put our quantizer in the place of the library's; register_quantizer refuses known names."""
    if method in _PACKED:
        from backend.inference.quantized.packed import (  # noqa: PLC0415
            PackedConfig,
            PackedQuantizer,
        )

        auto.AUTO_QUANTIZER_MAPPING[method] = PackedQuantizer
        auto.AUTO_QUANTIZATION_CONFIG_MAPPING[method] = PackedConfig
    elif method in _DEQUANTIZED:
        auto.AUTO_QUANTIZER_MAPPING[method] = _dequantizing(auto.AUTO_QUANTIZER_MAPPING[method])


def _dequantizing(quantizer: type[HfQuantizer]) -> type[HfQuantizer]:
    """The quantizer with its `dequantize` option, whatever the checkpoint says."""

    class Dequantizing(quantizer):
        def __init__(self, quantization_config: Any, **options: Any) -> None:
            quantization_config.dequantize = True
            super().__init__(quantization_config, **options)

    return Dequantizing
