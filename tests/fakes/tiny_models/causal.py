"""Causal language models of many architectures, in memory, with a byte tokenizer."""

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
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", _GROUPED),
    "qwen2": ("Qwen2Config", {
        **_GROUPED, "use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 2,
    }),
    "qwen3": ("Qwen3Config", {**_GROUPED, "head_dim": 8}),
    "qwen3_moe": ("Qwen3MoeConfig", {
        **_GROUPED, "head_dim": 8, "num_experts": 4, "num_experts_per_tok": 2,
        "moe_intermediate_size": 32,
    }),
    "mistral": ("MistralConfig", {**_GROUPED, "sliding_window": WINDOW}),
    "gemma2": ("Gemma2Config", _GEMMA),
    "gemma3": ("Gemma3TextConfig", {**_GEMMA, "layer_types": _KINDS}),
    "gemma3n": ("Gemma3nTextConfig", {
        **_GEMMA, "layer_types": _KINDS, "num_kv_shared_layers": 2, "laurel_rank": 4,
        "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 259,
        "altup_num_inputs": 2, "activation_sparsity_pattern": [0.0] * 4,
    }),
    "gpt2": ("GPT2Config", _GPT),
    "gpt_neo": ("GPTNeoConfig", {
        "hidden_size": 32, "num_layers": 4, "num_heads": 4, "window_size": WINDOW,
        "attention_types": [[["global", "local"], 2]], "initializer_range": 0.5,
    }),
    "gpt_neox": ("GPTNeoXConfig", _SIZES),
    "gpt_oss": ("GptOssConfig", {
        **_GEMMA, "layer_types": _KINDS, "num_local_experts": 4, "num_experts_per_tok": 2,
    }),
    "phi3": ("Phi3Config", _SIZES),
    "opt": ("OPTConfig", {
        "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "ffn_dim": 64,
        "init_std": 0.5, "word_embed_proj_dim": 32, "max_position_embeddings": 1024,
    }),
    "bloom": ("BloomConfig", {
        "hidden_size": 32, "n_layer": 4, "n_head": 4, "initializer_range": 0.5,
    }),
    "falcon": ("FalconConfig", {
        "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4,
        "initializer_range": 0.5, "alibi": True,
    }),
    "deepseek_v3": ("DeepseekV3Config", {
        **_SIZES, "num_key_value_heads": 4, "q_lora_rank": 8, "kv_lora_rank": 8,
        "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 6, "n_routed_experts": 4,
        "n_group": 1, "topk_group": 1, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
        "first_k_dense_replace": 2,
    }),
    "llama4": ("Llama4TextConfig", {
        **_GROUPED, "head_dim": 8, "attention_chunk_size": WINDOW, "num_local_experts": 2,
        "intermediate_size_mlp": 32,
    }),
    # These compute something else beside longer rows, or have states in place of keys and values.
    "bart": ("BartConfig", {
        "d_model": 32, "decoder_layers": 2, "decoder_attention_heads": 4, "decoder_ffn_dim": 64,
        "init_std": 0.5, "is_decoder": True, "is_encoder_decoder": False,
    }),
    "mamba": ("MambaConfig", {"hidden_size": 32, "num_hidden_layers": 2}),
    "lfm2": ("Lfm2Config", {**_GROUPED, "full_attn_idxs": [1, 3]}),
}  # fmt: skip
APART = ("bart", "mamba", "lfm2")


def causal(kind: str, **changes: Any) -> tuple[Any, Any]:
    """A random model that rarely ends by itself, and its tokenizer."""
    tokenizer = byte_tokenizer(1024)
    ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    torch.manual_seed(5)
    name, settings = CONFIGS[kind]
    given = {"vocab_size": len(tokenizer), **ids, **settings, **changes}
    config = getattr(hf, name)(**given)
    return hf.AutoModelForCausalLM.from_config(config).eval(), tokenizer
