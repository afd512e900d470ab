"""A quantizer for transformers that unpacks GPTQ and AWQ weights while they are loaded.

transformers' own require GPTQModel, which has no wheels: it needs compilers for C++ and Rust, and
a newer torch than the locked one. This one takes their place, and the loaded model is an ordinary
one in the requested dtype.
"""

import re
from collections import defaultdict
from typing import Any

import torch
from transformers.core_model_loading import ConversionOps, WeightConverter
from transformers.pytorch_utils import Conv1D
from transformers.quantizers.base import HfQuantizer
from transformers.quantizers.quantizers_utils import get_module_from_name
from transformers.utils.quantization_config import QuantizationConfigMixin

from backend.inference.quantized.unpacking import unpack_awq, unpack_gptq
from backend.tasks.quantization_methods import AUTO_ROUND_AWQ, AUTO_ROUND_GPTQ, gptq_format

_PARTS = ("qweight", "qzeros", "scales", "g_idx")
_PART = re.compile(rf"(.*?)({'|'.join(_PARTS)}|weight)$")


class PackedConfig(QuantizationConfigMixin):
    """The settings of the checkpoint, as they are. `dequantize` is read by HfQuantizer."""

    def __init__(self, quant_method: str, **settings: Any) -> None:
        self.quant_method: Any = quant_method
        self.settings = settings
        self.dequantize = True

    @property
    def is_awq(self) -> bool:
        """Whether the weights are in the layout of AutoAWQ, else in that of AutoGPTQ."""
        return self.quant_method == "awq" or self.settings.get("packing_format") == AUTO_ROUND_AWQ

    @property
    def zero_offset(self) -> int:
        """1 where zero points are stored minus one."""
        stored = gptq_format(self.settings)
        if self.quant_method == "auto-round":
            packing = self.settings.get("packing_format", "auto_round:auto_gptq")
            stored = AUTO_ROUND_GPTQ[packing]
        return 1 if stored == "gptq" else 0


class PackedQuantizer(HfQuantizer):
    """Unpacks GPTQ and AWQ weights."""

    requires_calibration = True
    quantization_config: Any

    def __init__(self, quantization_config: PackedConfig, **options: Any) -> None:
        super().__init__(quantization_config, **options)
        # Also where the model's own conversion merges the weights of several experts.
        self.serialized_names = {"weight": ["weight", *_PARTS]}

    def get_load_operations(self) -> dict[str, type[ConversionOps]]:
        """The operation that HfQuantizer puts before those of the model."""
        return {"dequantize": Unpack}

    def get_weight_conversions(self) -> list[WeightConverter]:
        """The parts of a layer become its weight. With the dot: other names end alike."""
        names: list[str] = [rf"\.{part}" for part in _PARTS]
        return [WeightConverter(names, ".weight", [Unpack(self)])]

    def is_serializable(self) -> Any:
        """The model is not saved again."""
        return False

    @property
    def is_trainable(self) -> Any:
        """It is not trained either."""
        return False


class Unpack(ConversionOps):
    """The parts of a weight to the weight, of one layer or of a list of experts."""

    def __init__(self, hf_quantizer: PackedQuantizer) -> None:
        self.hf_quantizer = hf_quantizer

    def convert(
        self, input_dict: dict[str, Any], source_patterns: Any, target_patterns: Any, **context: Any
    ) -> dict[str, Any]:
        """Called by transformers with the tensors by the pattern of their name."""
        grouped: dict[str, dict[str, list[torch.Tensor]]] = defaultdict(dict)
        for pattern, tensors in input_dict.items():
            found = _PART.match(pattern)
            key, part = found.groups() if found else (pattern, "weight")
            grouped[key][part] = tensors if isinstance(tensors, list) else [tensors]
        name = context["full_layer_name"]
        module, target = get_module_from_name(context["model"], name)
        dtype = getattr(module, target).dtype
        if len(grouped) == 1 and r"\.qweight" in input_dict:
            [parts] = grouped.values()
            weight = self._weight({part: found[0] for part, found in parts.items()}, dtype)
            return {name: weight.t() if isinstance(module, Conv1D) else weight}
        return {f"{key}weight": self._weights(parts, dtype) for key, parts in grouped.items()}

    def _weights(
        self, parts: dict[str, list[torch.Tensor]], dtype: torch.dtype
    ) -> list[torch.Tensor]:
        if "qweight" not in parts:
            return parts["weight"]
        columns = zip(*parts.values(), strict=True)
        return [self._weight(dict(zip(parts, one, strict=True)), dtype) for one in columns]

    def _weight(self, parts: dict[str, torch.Tensor], dtype: torch.dtype) -> torch.Tensor:
        config = self.hf_quantizer.quantization_config
        if config.is_awq:
            return unpack_awq(parts, parts["qweight"].shape[0], dtype)
        return unpack_gptq(parts, _inputs(parts, config.settings), dtype, config.zero_offset)


def _inputs(parts: dict[str, torch.Tensor], settings: dict[str, Any]) -> int:
    """Number of input channels; g_idx has one entry for each, also where layers differ in bits."""
    groups = parts.get("g_idx")
    if groups is not None and groups.numel():
        return groups.numel()
    return parts["qweight"].shape[0] * 32 // int(settings.get("bits", 4))
