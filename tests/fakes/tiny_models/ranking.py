"""Small models that compare and rank."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.text import bert
from tests.fakes.tiny_models.tokenizers import byte_tokenizer, scale_weights


def text_ranking(folder: Path, function: str | None = None) -> Path:
    """One label; `function` is the full name of the one from logits to scores."""
    more: dict[str, Any] = (
        {"sentence_transformers": {"activation_fn": function}} if function else {}
    )
    return bert(folder, "BertForSequenceClassification", num_labels=1, **more)


def t5_encoder(folder: Path) -> Path:
    """A T5 whose files have no decoder."""
    torch.manual_seed(13)
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = None
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
    )  # fmt: skip
    model = transformers.T5EncoderModel(config)
    scale_weights(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
