"""`python -m benchmarks.peers.llama_cpp.convert FOLDER FILE`: the Llama as a GGUF file in BF16."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import transformers

from tests.fakes.gguf_models import gguf, tensors

CONTROL, NORMAL = 3, 1
SPECIAL_TOKENS = 3


def write(folder: Path, file: Path) -> None:
    """Write weights and tokenizer; matrices in BF16, norms in F32. The output layer is tied."""
    library = gguf()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder)
    unfinished = file.with_suffix(".part")
    writer = library.GGUFWriter(unfinished, "llama")
    _describe(writer, model.config)
    _add_tokenizer(writer, json.loads((folder / "tokenizer.json").read_text()), model.config)
    kind = library.GGMLQuantizationType.BF16
    for name, array in tensors(model).items():
        if name == "output.weight":
            continue
        if array.ndim == 2:
            writer.add_tensor(name, library.quantize(array, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.rename(file)


def _describe(writer: Any, config: Any) -> None:
    writer.add_name("bench")
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


def _add_tokenizer(writer: Any, tokenizer: dict[str, Any], config: Any) -> None:
    names = sorted(tokenizer["model"]["vocab"].items(), key=lambda entry: entry[1])
    tokens = [name for name, _ in names]
    tokens += [f"<unused {number}>" for number in range(len(tokens), config.vocab_size)]
    merges = tokenizer["model"]["merges"]
    pairs = [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    kinds = [CONTROL if i < SPECIAL_TOKENS else NORMAL for i in range(len(tokens))]
    writer.add_token_types(kinds)
    writer.add_token_merges(pairs)
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(config.eos_token_id)
    writer.add_pad_token_id(config.pad_token_id)
    writer.add_add_bos_token(False)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
