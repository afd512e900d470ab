"""Measure, for every kind of adapter of peft, what merging changes: `python -m` prints JSON.

The adapter is saved, loaded and merged with the function of the model server. Needs the library
peft, which is an extra: run it with the folder of that extra.
"""

import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers as hf

from backend.inference.engines.peft_adapter import merged
from backend.tasks.peft_adapters import MERGED
from tests.fakes.shapes import SIZES

INPUT = torch.arange(10)[None]
# Sizes that fit the tiny model, where the defaults do not.
OPTIONS: dict[str, dict[str, Any]] = {
    "IA3": {"target_modules": ["q_proj", "down_proj"], "feedforward_modules": ["down_proj"]},
    "LN_TUNING": {"target_modules": ["input_layernorm"]},
    "TRAINABLE_TOKENS": {"target_modules": ["embed_tokens"], "token_indices": [1, 2]},
    "FOURIERFT": {"n_frequency": 20}, "WAVEFT": {"n_frequency": 20},
    "OFT": {"oft_block_size": 8, "r": 0}, "BOFT": {"boft_block_size": 8}, "C3A": {"block_size": 8},
    "ADALORA": {"total_step": 10}, "VERA": {"r": 4}, "RANDLORA": {"r": 4}, "SHIRA": {"r": 2},
    "MISS": {"r": 8}, "ROAD": {"group_size": 8},
}  # fmt: skip


def base() -> Any:
    torch.manual_seed(0)
    config = hf.LlamaConfig(vocab_size=64, num_key_value_heads=2, **SIZES)
    return hf.LlamaForCausalLM(config).eval()


def measure(peft: Any, kind: Any) -> dict[str, float]:
    """Largest differences of logits."""
    given = {"task_type": "CAUSAL_LM", "target_modules": ["q_proj", "v_proj"]}
    config = peft.PEFT_TYPE_TO_CONFIG_MAPPING[kind](**(given | OPTIONS.get(kind.value, {})))
    model = peft.get_peft_model(base(), config)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * 0.2
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        model.save_pretrained(folder)
        without = base()(INPUT).logits
        unmerged = peft.PeftModel.from_pretrained(base(), folder).eval()(INPUT).logits
        result = merged(base(), Path(folder)).eval()(INPUT).logits
    return {
        "changed": (unmerged - without).abs().max().item(),
        "merged": (unmerged - result).abs().max().item(),
    }


def main() -> None:
    peft = importlib.import_module("peft")
    kinds = {kind.value: kind for kind in peft.PEFT_TYPE_TO_CONFIG_MAPPING}
    print(json.dumps({n: measure(peft, k) if n in MERGED else {} for n, k in kinds.items()}))


if __name__ == "__main__":
    hf.utils.logging.set_verbosity_error()
    main()
