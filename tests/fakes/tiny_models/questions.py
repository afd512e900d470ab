"""Small models that answer questions about images."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.captions import EYE, SIDE, blip_config, saved
from tests.fakes.tiny_models.tokenizers import bert_tokenizer

ANSWERS = {0: "yes", 1: "no", 2: "two", 3: "red"}


def vilt(folder: Path) -> Path:
    """Four answers to choose from."""
    torch.manual_seed(41)
    tokenizer = bert_tokenizer()
    config = transformers.ViltConfig(
        **EYE, vocab_size=len(tokenizer), max_position_embeddings=64, id2label=ANSWERS
    )
    shape: dict[str, Any] = {"size": {"shortest_edge": 32}, "size_divisor": 8}
    images = transformers.ViltImageProcessorPil(**shape)
    return saved(folder, transformers.ViltForQuestionAnswering(config), images, tokenizer)


def blip_answers(folder: Path) -> Path:
    """Answers of few words."""
    torch.manual_seed(42)
    tokenizer = bert_tokenizer()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    model = transformers.BlipForQuestionAnswering(blip_config(tokenizer))
    return saved(folder, model, transformers.BlipImageProcessorPil(size=SIDE), tokenizer)
