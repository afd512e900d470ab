"""Tiny repositories with quantized weights, in the layouts of well-known libraries."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from tests.fakes import packing, shapes
from tests.fakes.models import words_tokenizer

SIZES: dict[str, Any] = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
    "intermediate_size": 128, "initializer_range": 0.3, "tie_word_embeddings": False,
    "max_position_embeddings": 64, "eos_token_id": None, "bos_token_id": None,
}  # fmt: skip
GROUP = packing.GROUP
WEIGHTS = "model.safetensors"
FP8_GROUP = {
    "targets": ["Linear"], "weights": {"num_bits": 8, "type": "float", "strategy": "channel"},
}  # fmt: skip
INT4_GROUP = {
    "targets": ["Linear"],
    "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": GROUP},
}
COMPRESSED = {"quant_method": "compressed-tensors", "quantization_status": "compressed",
              "ignore": ["lm_head"]}  # fmt: skip


def llama(folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """The model before it is quantized."""
    size = words_tokenizer(folder)
    model: Any = hf.LlamaForCausalLM(hf.LlamaConfig(vocab_size=size, **SIZES))
    model.to(dtype).save_pretrained(folder)


def set_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def pack(folder: Path, packing_of: packing.Packing, settings: dict[str, Any]) -> Path:
    """Quantize the linear layers of a folder; returns a folder with the weights they stand for."""
    dense = Path(tempfile.mkdtemp()) / "dense"
    shutil.copytree(folder, dense)
    stored, full = {}, {}
    for name, tensor in load_file(folder / WEIGHTS).items():
        if "_proj." in name:
            parts, weight = packing_of(tensor)
            stored |= {name.removesuffix("weight") + part: parts[part] for part in parts}
            full[name] = weight.contiguous()
        else:
            stored[name], full[name] = tensor, tensor.float()
    save_file(stored, folder / WEIGHTS, {"format": "pt"})
    save_file(full, dense / WEIGHTS, {"format": "pt"})
    set_config(folder, quantization_config=settings)
    set_config(dense, dtype="float32")
    return dense


def continued(model: Any, folder: Path) -> dict[str, Any]:
    """Request and reference of a model: greedy."""
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer(shapes.INPUT, return_tensors="pt")
    tokens.pop("token_type_ids", None)
    with torch.no_grad():
        ids = model.generate(**tokens, max_new_tokens=shapes.NEW_TOKENS, do_sample=False)[0]
    prompt = tokenizer.decode(tokens["input_ids"][0], skip_special_tokens=True)
    text = tokenizer.decode(ids, skip_special_tokens=True)[len(prompt) :]
    body = {"inputs": shapes.INPUT, "parameters": {"max_new_tokens": shapes.NEW_TOKENS}}
    return {"body": body, "output": [{"generated_text": text}]}


def _packed(
    folder: Path, packing_of: packing.Packing, settings: dict[str, Any],
    dtype: torch.dtype = torch.float16,
) -> dict[str, Any]:  # fmt: skip
    llama(folder, dtype)
    dense = pack(folder, packing_of, settings)
    return continued(hf.AutoModelForCausalLM.from_pretrained(dense), dense)


def gptq_symmetric(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "gptq", "bits": 4, "group_size": GROUP, "sym": True}
    return _packed(folder, packing.gptq, settings)


def gptq_act_order(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "gptq", "bits": 4, "group_size": GROUP, "sym": False,
                "desc_act": True}  # fmt: skip
    return _packed(folder, partial(packing.gptq, act_order=True, sym=False), settings)


def gptq_8_bits_v2(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "gptq", "bits": 8, "group_size": GROUP,
                "checkpoint_format": "gptq_v2"}  # fmt: skip
    return _packed(folder, partial(packing.gptq, bits=8, offset=0, sym=False), settings)


def gptq_older_file(folder: Path) -> dict[str, Any]:
    """The settings in quantize_config.json only, as AutoGPTQ wrote them first."""
    reference = gptq_symmetric(folder)
    config = json.loads((folder / "config.json").read_text())
    settings = config.pop("quantization_config")
    settings.pop("quant_method")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "quantize_config.json").write_text(json.dumps(settings))
    return reference


def awq(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm",
                "zero_point": True}  # fmt: skip
    return _packed(folder, packing.awq, settings)


def auto_round(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "auto-round", "bits": 4, "group_size": GROUP, "sym": True,
                "packing_format": "auto_round:auto_gptq"}  # fmt: skip
    return _packed(folder, packing.gptq, settings)


def fp8(folder: Path) -> dict[str, Any]:
    settings = {"quant_method": "fp8", "activation_scheme": "dynamic",
                "weight_block_size": [32, 32]}  # fmt: skip
    return _packed(folder, packing.fp8_blocks, settings, torch.bfloat16)


def compressed_fp8(folder: Path) -> dict[str, Any]:
    settings = {**COMPRESSED, "format": "float-quantized", "config_groups": {"group_0": FP8_GROUP}}
    return _packed(folder, packing.fp8_channels, settings, torch.bfloat16)


def compressed_int4(folder: Path) -> dict[str, Any]:
    settings = {**COMPRESSED, "format": "pack-quantized", "config_groups": {"group_0": INT4_GROUP}}
    return _packed(folder, packing.int4_groups, settings)


def _by_library(folder: Path, settings: Any) -> dict[str, Any]:
    """Quantized and run by the library of the method."""
    llama(folder)
    model = hf.AutoModelForCausalLM.from_pretrained(folder, quantization_config=settings)
    for name in (WEIGHTS, "config.json"):
        (folder / name).unlink()
    model.save_pretrained(folder)
    model = hf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    for parameter in model.parameters():
        if type(parameter) is torch.nn.Parameter and type(parameter.data) is torch.Tensor:
            parameter.data = parameter.data.float()
    return continued(model, folder)


def bnb_4_bits(folder: Path) -> dict[str, Any]:
    return _by_library(
        folder,
        hf.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
        ),
    )  # fmt: skip


def bnb_8_bits(folder: Path) -> dict[str, Any]:
    return _by_library(folder, hf.BitsAndBytesConfig(load_in_8bit=True))


def torchao_int8(folder: Path) -> dict[str, Any]:
    torchao: Any = importlib.import_module("torchao.quantization")
    return _by_library(folder, hf.TorchAoConfig(torchao.Int8WeightOnlyConfig()))


def mxfp4(folder: Path) -> dict[str, Any]:
    """gpt-oss: FP4 experts, with a power of two as scale of each 32 values."""
    size = words_tokenizer(folder)
    config = hf.GptOssConfig(
        vocab_size=size, hidden_size=64, intermediate_size=64, num_hidden_layers=2, head_dim=32,
        num_attention_heads=2, num_key_value_heads=1, num_local_experts=4, num_experts_per_tok=2,
        initializer_range=0.3, eos_token_id=None, pad_token_id=0,
        layer_types=["full_attention", "full_attention"],
    )  # fmt: skip
    model: Any = hf.GptOssForCausalLM(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    dense = Path(tempfile.mkdtemp()) / "dense"
    shutil.copytree(folder, dense)
    values = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    table = torch.tensor([*values, *(-value for value in values)])
    stored, full = {}, {}
    for name, tensor in load_file(folder / WEIGHTS).items():
        stored[name], full[name] = tensor, tensor.float()
        if name.endswith(("gate_up_proj", "down_proj")):
            experts, inputs, outputs = tensor.shape
            codes = torch.randint(0, 16, (experts, outputs, inputs // 32, 32))
            scales = torch.randint(122, 125, (experts, outputs, inputs // 32), dtype=torch.uint8)
            weight = table[codes] * 2.0 ** (scales[..., None].float() - 127)
            full[name] = weight.flatten(2).transpose(1, 2).contiguous()
            stored.pop(name)
            blocks = codes[..., 0::2] | codes[..., 1::2] << 4
            stored |= {f"{name}_blocks": blocks.to(torch.uint8), f"{name}_scales": scales}
    save_file(stored, folder / WEIGHTS, {"format": "pt"})
    save_file(full, dense / WEIGHTS, {"format": "pt"})
    set_config(folder, quantization_config={"quant_method": "mxfp4"})
    set_config(dense, dtype="float32")
    return continued(hf.AutoModelForCausalLM.from_pretrained(dense), dense)


def _rejected(name: str, settings: dict[str, Any]) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        llama(folder)
        set_config(folder, quantization_config=settings)
        tags = ["base_model:acme/whole", "base_model:quantized:acme/whole"]
        (folder / "hub.json").write_text(json.dumps({"tags": tags}))

    build.__name__ = name
    return build


aqlm = _rejected("aqlm", {"quant_method": "aqlm", "nbits_per_codebook": 16})
eetq = _rejected("eetq", {"quant_method": "eetq", "weights": "int8"})
of_next_year = _rejected("of_next_year", {"quant_method": "of-next-year"})


def gptq_3_bits(folder: Path) -> None:
    llama(folder)
    pack(folder, packing.gptq, {"quant_method": "gptq", "bits": 3, "group_size": GROUP})


def awq_gemv(folder: Path) -> None:
    llama(folder)
    settings = {"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemv"}
    pack(folder, packing.awq, settings)


def fp8_uneven(folder: Path) -> None:
    """Blocks at the edge are smaller, which transformers cannot multiply."""
    fp8(folder)
    tensors = load_file(folder / WEIGHTS)
    name = "model.layers.0.mlp.up_proj.weight_scale_inv"
    tensors[name] = tensors[name].repeat(2, 1)[:5]
    save_file(tensors, folder / WEIGHTS, {"format": "pt"})


# Those that need no library beside the base environment to be built.
PLAIN: tuple[shapes.Shape, ...] = (
    gptq_symmetric, gptq_act_order, gptq_8_bits_v2, gptq_older_file, awq, auto_round, mxfp4,
    fp8, compressed_fp8, compressed_int4,
)  # fmt: skip
BY_LIBRARY: tuple[shapes.Shape, ...] = (bnb_4_bits, bnb_8_bits, torchao_int8)
REJECTED: tuple[shapes.Shape, ...] = (aqlm, eetq, of_next_year, gptq_3_bits, awq_gemv, fp8_uneven)
QUANTIZED: tuple[shapes.Shape, ...] = (*PLAIN, *BY_LIBRARY, *REJECTED)
