"""Small models for visual question answering."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.image_to_text import SIDE, VISION_CONFIG, blip_config, saved
from tests.fakes.tiny_models.tokenizers import bert_tokenizer

LABELS = {0: "yes", 1: "no", 2: "two", 3: "red"}


def vilt(folder: Path) -> Path:
    """A classifier over four answers."""
    torch.manual_seed(41)
    tokenizer = bert_tokenizer()
    config = transformers.ViltConfig(
        **VISION_CONFIG, vocab_size=len(tokenizer), max_position_embeddings=64, id2label=LABELS
    )
    shape: dict[str, Any] = {"size": {"shortest_edge": 32}, "size_divisor": 8}
    images = transformers.ViltImageProcessorPil(**shape)
    return saved(folder, transformers.ViltForQuestionAnswering(config), images, tokenizer)


def blip_vqa(folder: Path) -> Path:
    """Generates short answers."""
    torch.manual_seed(42)
    tokenizer = bert_tokenizer()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    model = transformers.BlipForQuestionAnswering(blip_config(tokenizer))
    return saved(folder, model, transformers.BlipImageProcessorPil(size=SIDE), tokenizer)
