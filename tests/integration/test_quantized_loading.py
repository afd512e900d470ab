"""Logits of quantized checkpoints against models with the weights that they stand for."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.pytorch_utils import Conv1D
from transformers.quantizers import auto

from backend.domain.server import ServerSpec
from backend.inference.engines.torch import load
from tests.fakes import packing, quantized

TOKENS = torch.arange(5, 12)[None]
SETTINGS = {"quant_method": "gptq", "bits": 4, "group_size": packing.GROUP}
AWQ = {"quant_method": "awq", "bits": 4, "group_size": packing.GROUP}


@pytest.fixture(autouse=True)
def library_quantizers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server replaces quantizers of the library in its own process only."""
    for name in ("AUTO_QUANTIZER_MAPPING", "AUTO_QUANTIZATION_CONFIG_MAPPING"):
        monkeypatch.setattr(auto, name, dict(getattr(auto, name)))


def loaded(folder: Path, dtype: str = "float32") -> Any:
    spec = ServerSpec(
        deployment_id="d", name="n", version=1, generation=1, model_id="m", commit="c",
        model_dir=str(folder), task="text-generation", dtype=dtype, threads=1,
        python=sys.executable,
    )  # fmt: skip
    return vars(vars(load(spec))["_generator"])["_model"]


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(TOKENS).logits


def reference(dense: Path) -> torch.Tensor:
    return logits(transformers.AutoModelForCausalLM.from_pretrained(dense))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("shape", ["gptq_symmetric", "gptq_act_order", "gptq_8_bits_v2", "awq"])
def test_model_has_the_dtype_and_no_trace_of_the_quantization(
    tmp_path: Path, shape: str, dtype: str
) -> None:
    torch.manual_seed(0)
    getattr(quantized, shape)(tmp_path)
    model = loaded(tmp_path, dtype)
    assert {str(parameter.dtype) for parameter in model.parameters()} == {f"torch.{dtype}"}
    assert not hasattr(model.config, "quantization_config")


@pytest.mark.parametrize(
    ("packing_of", "settings"),
    [
        (packing.gptq, SETTINGS),
        (lambda weight: packing.gptq(weight, act_order=True, sym=False), SETTINGS),
        (lambda weight: packing.gptq(weight, bits=2), {**SETTINGS, "bits": 2}),
        (lambda weight: packing.gptq(weight, bits=8), {**SETTINGS, "bits": 8}),
        (lambda weight: packing.gptq(weight, offset=0, sym=False),
         {**SETTINGS, "checkpoint_format": "gptq_v2"}),
        # The width of a layer is that of its tensors, as with `dynamic` of GPTQModel.
        (lambda weight: packing.gptq(weight, bits=4 if len(weight) == 64 else 8), SETTINGS),
        (packing.awq, AWQ),
        (packing.awq, {"quant_method": "auto-round", "bits": 4,
                       "packing_format": "auto_round:auto_awq"}),
    ],
)  # fmt: skip
def test_logits_equal_those_of_the_unpacked_weights(
    tmp_path: Path, packing_of: packing.Packing, settings: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    quantized.llama(tmp_path)
    dense = quantized.pack(tmp_path, packing_of, settings)
    torch.testing.assert_close(logits(loaded(tmp_path)), reference(dense), rtol=0, atol=1e-5)


def test_layers_without_g_idx_have_rows_in_order(tmp_path: Path) -> None:
    torch.manual_seed(0)
    quantized.llama(tmp_path)
    dense = quantized.pack(tmp_path, packing.gptq, SETTINGS)
    file = tmp_path / quantized.WEIGHTS
    tensors = {name: one for name, one in load_file(file).items() if not name.endswith("g_idx")}
    save_file(tensors, file, {"format": "pt"})
    torch.testing.assert_close(logits(loaded(tmp_path)), reference(dense), rtol=0, atol=1e-5)


def test_experts_are_unpacked_before_they_are_merged(tmp_path: Path) -> None:
    torch.manual_seed(0)
    size = quantized.words_tokenizer(tmp_path)
    more = {**quantized.SIZES, "head_dim": 32}
    config = transformers.Qwen3MoeConfig(
        vocab_size=size, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32, **more
    )
    model = transformers.Qwen3MoeForCausalLM(config).half()
    model.save_pretrained(tmp_path)
    assert any(".experts.3.up_proj" in name for name in load_file(tmp_path / quantized.WEIGHTS))
    dense = quantized.pack(tmp_path, packing.awq, AWQ)
    torch.testing.assert_close(logits(loaded(tmp_path)), reference(dense), rtol=0, atol=1e-5)


def test_weights_of_gpt2_are_not_transposed(tmp_path: Path) -> None:
    torch.manual_seed(0)
    size = quantized.words_tokenizer(tmp_path)
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=64, n_layer=2, n_head=2, n_positions=64, initializer_range=0.3
    )
    model = transformers.GPT2LMHeadModel(config).half()
    names = [name for name, part in model.named_modules() if isinstance(part, Conv1D)]
    model.save_pretrained(tmp_path)
    file = tmp_path / quantized.WEIGHTS
    tensors = load_file(file)
    for name in names:
        parts, weight = packing.gptq(tensors.pop(f"{name}.weight").t())
        tensors |= {f"{name}.{part}": parts[part] for part in parts}
        model.get_submodule(name).weight.data = weight.t().contiguous()
    save_file(tensors, file, {"format": "pt"})
    quantized.set_config(tmp_path, quantization_config=SETTINGS)
    expected = logits(model.float().eval())
    torch.testing.assert_close(logits(loaded(tmp_path)), expected, rtol=0, atol=1e-5)
