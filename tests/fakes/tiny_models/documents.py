"""Small extractive models for document question answering."""

from pathlib import Path

import torch
import transformers
from tokenizers import pre_tokenizers

from tests.fakes.tiny_models.image_to_text import SIDE, SMALL, saved
from tests.fakes.tiny_models.tokenizers import bert_tokenizer


def layoutlm(folder: Path) -> Path:
    """Words and their boxes."""
    torch.manual_seed(51)
    tokenizer = bert_tokenizer()
    config = transformers.LayoutLMConfig(
        **SMALL, vocab_size=len(tokenizer), max_position_embeddings=64
    )
    return saved(folder, transformers.LayoutLMForQuestionAnswering(config), tokenizer)


def layoutlm_v3(folder: Path) -> Path:
    """Words, their boxes, and the image."""
    torch.manual_seed(52)
    characters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *characters]
    tokenizer = transformers.LayoutLMv3Tokenizer(
        vocab={name: i for i, name in enumerate(names)}, merges=[], model_max_length=100
    )
    config = transformers.LayoutLMv3Config(
        **SMALL, vocab_size=len(tokenizer), max_position_embeddings=104, bos_token_id=0,
        pad_token_id=1, eos_token_id=2, coordinate_size=6, shape_size=4, input_size=32,
        patch_size=8, max_2d_position_embeddings=1024,
    )  # fmt: skip
    images = transformers.LayoutLMv3ImageProcessorPil(size=SIDE)
    return saved(folder, transformers.LayoutLMv3ForQuestionAnswering(config), images, tokenizer)
