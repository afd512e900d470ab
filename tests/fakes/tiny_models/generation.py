"""Small models that write."""

from pathlib import Path

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import byte_tokenizer


def text_generation(
    folder: Path, *, layers: int = 2, width: int = 32, positions: int = 256
) -> Path:
    """A Llama of bytes that never ends by itself."""
    torch.manual_seed(11)
    tokenizer = byte_tokenizer(positions)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width,
        num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=positions, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight.mul_(20)
        model.lm_head.weight[1].zero_()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
