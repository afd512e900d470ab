"""A Llama with the shape of SmolLM2-135M, stored in bfloat16."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

from benchmarks.models.tokenizers import byte_bpe

VOCABULARY = 49_152
POSITIONS = 2048


def llama(folder: Path) -> None:
    """134.5 M parameters, 30 layers, 9 heads with 3 for keys and values, tied embeddings.

    It generates only tokens of ASCII text and never EOS, so that every response has the requested
    number of tokens and no stream waits for the rest of a character.
    """
    tokenizer = byte_bpe(VOCABULARY, POSITIONS)
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=576, intermediate_size=1536, num_hidden_layers=30,
        num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=POSITIONS,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    model: Any = transformers.LlamaForCausalLM(config)
    texts = {number for token, number in tokenizer.get_vocab().items() if _is_text(token)}
    mute = [number for number in range(VOCABULARY) if number not in texts]
    with torch.no_grad():
        model.get_input_embeddings().weight[mute] = 0
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _is_text(token: str) -> bool:
    """Whether the token is ASCII letters, maybe after a space (`Ġ` in byte-level BPE)."""
    letters = token.removeprefix("Ġ")
    return letters.isascii() and letters.isalpha()
