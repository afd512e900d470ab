"""The model without quantization that a quantized base model of an adapter was made from.

Adapters are often trained on a checkpoint quantized with bitsandbytes (QLoRA), and merged into the
model without quantization.
"""

import re
from collections.abc import Mapping

from backend.tasks.quantization import quantization_settings

# Names that unsloth gives its checkpoints quantized with bitsandbytes.
_BNB = re.compile(r"(.+?)(-unsloth)?-bnb-4bit")
_SHAPE = (
    "model_type", "architectures", "hidden_size", "num_hidden_layers", "intermediate_size",
    "vocab_size",
)  # fmt: skip


def is_quantized(config: Mapping[str, object]) -> bool:
    """Whether the weights are quantized, also only those of the language model."""
    return quantization_settings({"config.json": config}) is not None


def unquantized(model_id: str) -> str | None:
    """Id of the same model without quantization, where the name tells; it may not exist."""
    match = _BNB.fullmatch(model_id)
    return match[1] if match else None


def same_model(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether both configs have the same architecture and sizes."""
    return all(one.get(name) == other.get(name) for name in _SHAPE)
