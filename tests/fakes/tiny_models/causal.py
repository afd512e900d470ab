"""Causal language models of many architectures, in memory, with a byte tokenizer."""

from collections.abc import Callable
from typing import Any

import torch
import transformers as hf

from tests.fakes.tiny_models.tokenizers import byte_tokenizer

WINDOW = 8
_SIZES: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 64,
    "initializer_range": 0.5, "max_position_embeddings": 1024,
}  # fmt: skip
_GROUPED: dict[str, Any] = {**_SIZES, "num_key_value_heads": 2}
_GEMMA: dict[str, Any] = {**_GROUPED, "head_dim": 8, "sliding_window": WINDOW}
_GPT: dict[str, Any] = {
    "n_embd": 32, "n_layer": 4, "n_head": 4, "initializer_range": 0.5, "n_positions": 1024,
}  # fmt: skip
_KINDS = ["sliding_attention", "full_attention"] * 2

# Windows are shorter than the texts of the tests.
CONFIGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "llama": lambda more: hf.LlamaConfig(**{**_GROUPED, **more}),
    "qwen2": lambda more: hf.Qwen2Config(
        use_sliding_window=True, sliding_window=WINDOW, max_window_layers=2, **_GROUPED, **more
    ),
    "qwen3": lambda more: hf.Qwen3Config(**{**_GROUPED, "head_dim": 8, **more}),
    "qwen3_moe": lambda more: hf.Qwen3MoeConfig(
        head_dim=8, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32, **_GROUPED,
        **more,
    ),
    "mistral": lambda more: hf.MistralConfig(sliding_window=WINDOW, **_GROUPED, **more),
    "gemma2": lambda more: hf.Gemma2Config(**_GEMMA, **more),
    "gemma3": lambda more: hf.Gemma3TextConfig(layer_types=_KINDS, **_GEMMA, **more),
    "gemma3n": lambda more: hf.Gemma3nTextConfig(
        layer_types=_KINDS, num_kv_shared_layers=2, hidden_size_per_layer_input=8,
        vocab_size_per_layer_input=more["vocab_size"], laurel_rank=4, altup_num_inputs=2,
        activation_sparsity_pattern=[0.0] * 4, **_GEMMA, **more,
    ),
    "gpt2": lambda more: hf.GPT2Config(**_GPT, **more),
    "gpt_neo": lambda more: hf.GPTNeoConfig(
        hidden_size=32, num_layers=4, num_heads=4, attention_types=[[["global", "local"], 2]],
        window_size=WINDOW, initializer_range=0.5, **more,
    ),
    "gpt_neox": lambda more: hf.GPTNeoXConfig(**_SIZES, **more),
    "gpt_oss": lambda more: hf.GptOssConfig(
        num_local_experts=4, num_experts_per_tok=2, layer_types=_KINDS, **_GEMMA, **more
    ),
    "phi3": lambda more: hf.Phi3Config(**_SIZES, **more),
    "opt": lambda more: hf.OPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, ffn_dim=64, init_std=0.5,
        word_embed_proj_dim=32, max_position_embeddings=1024, **more,
    ),
    "bloom": lambda more: hf.BloomConfig(
        hidden_size=32, n_layer=4, n_head=4, initializer_range=0.5, **more
    ),
    "falcon": lambda more: hf.FalconConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, initializer_range=0.5,
        alibi=True, **more,
    ),
    "deepseek_v3": lambda more: hf.DeepseekV3Config(
        q_lora_rank=8, kv_lora_rank=8, qk_rope_head_dim=4, qk_nope_head_dim=4, v_head_dim=6,
        n_routed_experts=4, n_group=1, topk_group=1, num_experts_per_tok=2,
        moe_intermediate_size=16, first_k_dense_replace=2, num_key_value_heads=4, **_SIZES, **more,
    ),
    "llama4": lambda more: hf.Llama4TextConfig(
        head_dim=8, attention_chunk_size=WINDOW, num_local_experts=2, intermediate_size_mlp=32,
        **_GROUPED, **more,
    ),
    # These compute something else beside longer rows, or have states in place of keys and values.
    "bart": lambda more: hf.BartConfig(
        d_model=32, decoder_layers=2, decoder_attention_heads=4, decoder_ffn_dim=64, init_std=0.5,
        is_decoder=True, is_encoder_decoder=False, **more,
    ),
    "mamba": lambda more: hf.MambaConfig(hidden_size=32, num_hidden_layers=2, **more),
    "lfm2": lambda more: hf.Lfm2Config(full_attn_idxs=[1, 3], **_GROUPED, **more),
}  # fmt: skip
APART = ("bart", "mamba", "lfm2")


def causal(kind: str, **changes: Any) -> tuple[Any, Any]:
    """A random model that rarely ends by itself, and its tokenizer."""
    tokenizer = byte_tokenizer(1024)
    ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    torch.manual_seed(5)
    config = CONFIGS[kind]({"vocab_size": len(tokenizer), **ids, **changes})
    return hf.AutoModelForCausalLM.from_config(config).eval(), tokenizer
