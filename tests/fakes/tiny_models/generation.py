"""Small models that write."""

from pathlib import Path

import torch
import transformers
from transformers.decision import DecisionConfig

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


def decision(folder: Path, positions: int = 512) -> Path:
    """A Qwen2 of bytes with a head that scores eight letters, and temperatures of its own."""
    torch.manual_seed(12)
    tokenizer = byte_tokenizer(positions)
    text = transformers.Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=positions,
        bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    model = transformers.JevForDecision(
        transformers.JevConfig(hidden_size=32, num_verbalizers=24, text_config=text.to_dict())
    )
    model.decision_config = DecisionConfig(
        temperature={"noul": 0.5, "choice": 2.0}, labels={"score": list("ABCDEF")}
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def decision_with_option_letters(folder: Path) -> Path:
    """A byte-level Llama without a token for Yes; it is prompted for an option letter."""
    text_generation(folder, positions=512)
    DecisionConfig(labels={"noul": ["Y", "N"]}).save_pretrained(folder)
    return folder
