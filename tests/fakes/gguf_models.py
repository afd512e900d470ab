"""Tiny repositories with GGUF files, in the layouts of the Hub, and the model they came from.

`python -m tests.fakes.gguf_models DIR` writes DIR/acme/SHAPE, and the model in safetensors as
DIR/torch. The files are written by the package `gguf` of llama.cpp. `big_gguf` writes a larger one.
"""

import importlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

OWNER = "acme"
CONTEXT = 256
MERGES = [("h", "e"), ("Ġ", "t"), ("Ġt", "he")]
TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('No tools.') }}{% endif %}"
    "{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
_TOP = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}  # fmt: skip
_PARTS = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def gguf() -> Any:
    return importlib.import_module("gguf")


def llama(folder: Path, **sizes: Any) -> Any:
    """A Llama that writes ASCII letters, so that each token is one character of its output."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = ["<s>", "</s>", "<pad>", *alphabet, *("".join(pair) for pair in MERGES)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, MERGES))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        model_max_length=CONTEXT,
    )  # fmt: skip
    torch.manual_seed(11)
    usual: dict[str, Any] = {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": CONTEXT,
    }  # fmt: skip
    config = transformers.LlamaConfig(
        vocab_size=len(tokens), bos_token_id=0, eos_token_id=1, pad_token_id=2, **(usual | sizes)
    )
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight.mul_(20)
        for token, number in vocabulary.items():
            if not (token.isascii() and token.isalpha()):
                model.lm_head.weight[number].zero_()
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return model


def metadata(writer: Any, config: Any, template: str | None) -> None:
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = ["<s>", "</s>", "<pad>", *alphabet, *("".join(pair) for pair in MERGES)]
    control, normal = 3, 1
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([control] * 3 + [normal] * (len(tokens) - 3))
    writer.add_token_merges([" ".join(pair) for pair in MERGES])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    if template:
        writer.add_chat_template(template)


def tensors(model: Any) -> dict[str, Any]:
    """Weights by their names in GGUF; rows of queries and keys are in llama.cpp's order."""
    found: dict[str, Any] = {}
    heads, kept = model.config.num_attention_heads, model.config.num_key_value_heads
    for name, weight in model.state_dict().items():
        array = weight.float().numpy()
        if name in _TOP:
            found[_TOP[name]] = array
            continue
        _, _, layer, rest = name.split(".", 3)
        part = rest.removesuffix(".weight")
        count = {"self_attn.q_proj": heads, "self_attn.k_proj": kept}.get(part)
        if count:
            halves = array.reshape(count, 2, array.shape[0] // count // 2, *array.shape[1:])
            array = halves.swapaxes(1, 2).reshape(array.shape)
        found[f"blk.{layer}.{_PARTS[part]}.weight"] = array
    return found


def write(
    model: Any, path: Path, kind: str, *, architecture: str = "llama",
    template: str | None = TEMPLATE, split: int = 0, role: str = "model",
) -> None:  # fmt: skip
    """Write the model with all matrices in this type, `split`: in files of so many tensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    library = gguf()
    writer = library.GGUFWriter(path, architecture, split_max_tensors=split)
    writer.add_type(role)
    metadata(writer, model.config, template)
    wanted = library.GGMLQuantizationType[kind]
    for name, array in tensors(model).items():
        if array.ndim == 2 and kind != "F32":
            writer.add_tensor(name, library.quantize(array, wanted), raw_dtype=wanted)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def big_gguf(path: Path, kind: str, width: int, layers: int) -> None:
    """A larger one, for measurements of memory."""
    sizes: dict[str, Any] = {
        "hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers,
        "num_attention_heads": width // 64, "num_key_value_heads": width // 64,
        "max_position_embeddings": 4096,
    }  # fmt: skip
    write(llama(path.parent / "source", **sizes), path, kind)
    shutil.rmtree(path.parent / "source")


def served(root: Path, model: Any) -> None:
    """Repositories that can be served."""
    for kind in ("F32", "Q8_0", "Q4_0"):
        write(model, root / "tiny-GGUF" / f"tiny-{kind}.gguf", kind)
    (root / "tiny-GGUF" / "mmproj-tiny-F16.gguf").write_bytes(b"GGUF")
    tags = ["gguf", "base_model:quantized:acme/tiny", "license:apache-2.0"]
    (root / "tiny-GGUF" / "hub.json").write_text(json.dumps({"tags": tags}))
    write(model, root / "split" / "Q8_0" / "tiny-Q8_0.gguf", "Q8_0", split=8)
    (root / "split" / "hub.json").write_text("{}")
    write(model, root / "plain" / "ggml-model.gguf", "F16", template=None)
    shutil.copytree(root.parent / "torch", root / "both")
    write(model, root / "both" / "both-Q8_0.gguf", "Q8_0")


def rejected(root: Path, model: Any) -> None:
    """Repositories that must be rejected before the download."""
    write(model, root / "encoder" / "model-F16.gguf", "F16", architecture="nomic-bert")
    write(model, root / "lora" / "lora-F16.gguf", "F16", role="adapter")
    write(model, root / "unknown" / "model-F16.gguf", "F16", architecture="llama99")
    (root / "unknown" / "hub.json").write_text('{"tags": ["base_model:quantized:acme/tiny"]}')
    whole = next((root / "tiny-GGUF").glob("*Q8_0.gguf")).read_bytes()
    parts = sorted((root / "split" / "Q8_0").iterdir())
    contents = {
        "cut_header": whole[:3000], "cut_tensors": whole[:-500], "html": b"<html>Not found</html>",
        "old": whole[:4] + b"\x01" + whole[5:], "big_endian": whole[:4] + whole[4:8][::-1],
        "bomb": whole[:8] + b"\xff" * 16 + whole[24:],
    }  # fmt: skip
    for name, content in contents.items():
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "model-Q8_0.gguf").write_bytes(content)
    missing = root / "missing_part"
    missing.mkdir()
    shutil.copy(parts[0], missing / parts[0].name)
    shutil.copytree(missing, root / "renamed_part")
    (root / "renamed_part" / parts[0].name).rename(root / "renamed_part" / "model.gguf")
    quantized = root / "other_quantization"
    shutil.copytree(root.parent / "torch", quantized)
    settings = json.loads((quantized / "config.json").read_text())
    settings["quantization_config"] = {"quant_method": "eetq", "weights": "int8"}
    (quantized / "config.json").write_text(json.dumps(settings))
    (quantized / "hub.json").write_text('{"tags": ["base_model:quantized:acme/tiny"]}')
    (root / "only_mmproj").mkdir()
    (root / "only_mmproj" / "mmproj-F16.gguf").write_bytes(whole)


def main(root: Path) -> None:
    """Build all of them."""
    model = llama(root / "torch")
    served(root / OWNER, model)
    rejected(root / OWNER, model)


if __name__ == "__main__":
    transformers.utils.logging.set_verbosity_error()
    main(Path(sys.argv[1]))
