"""Small models that compare images with texts."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import bert_tokenizer
from tests.fakes.tiny_models.vision import SIDE, SMALL, kinds, save

TEXT: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
}  # fmt: skip


def clip(folder: Path, length: int = 40) -> Path:
    """A CLIP of 40 tokens."""
    torch.manual_seed(31)
    tokenizer = _tokenizer(length)
    config = kinds.CLIPConfig(
        text_config=TEXT | {
            "vocab_size": len(tokenizer), "max_position_embeddings": length,
            "eos_token_id": 3,
        },
        vision_config=SMALL, projection_dim=16,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    processor = kinds.CLIPImageProcessorPil(size=SIDE, crop_size=SIDE)
    return save(folder, kinds.CLIPModel(config), processor)


def siglip(folder: Path) -> Path:
    """A SigLIP of 64 tokens."""
    torch.manual_seed(32)
    tokenizer = _tokenizer(64)
    config = kinds.SiglipConfig(
        text_config=TEXT | {
            "vocab_size": len(tokenizer), "max_position_embeddings": 64, "projection_size": 32,
        },
        vision_config=SMALL,
    )  # fmt: skip
    model = kinds.SiglipModel(config)
    with torch.no_grad():
        model.logit_scale.fill_(1.0)
        model.logit_bias.fill_(-0.5)
    tokenizer.save_pretrained(folder)
    return save(folder, model, kinds.SiglipImageProcessorPil(size=SIDE))


def owl(folder: Path) -> Path:
    """An OWL-ViT of 16 tokens, whose end is the largest one."""
    torch.manual_seed(33)
    tokenizer = _tokenizer(16)
    config = kinds.OwlViTConfig(
        text_config=TEXT | {"vocab_size": len(tokenizer), "max_position_embeddings": 16},
        vision_config=SMALL, projection_dim=32,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    processor = kinds.OwlViTImageProcessorPil(size=SIDE, crop_size=SIDE)
    model = kinds.OwlViTForObjectDetection(config)
    with torch.no_grad():
        for weight in (*model.box_head.parameters(), *model.class_head.parameters()):
            weight.mul_(0.2)
    return save(folder, model, processor, is_woken=False)


def grounding_dino(folder: Path) -> Path:
    """A Grounding DINO of nine boxes."""
    torch.manual_seed(34)
    tokenizer = bert_tokenizer()
    config = kinds.GroundingDinoConfig(
        backbone_config=kinds.SwinConfig(
            image_size=32, patch_size=4, embed_dim=8, depths=[1, 1, 1], num_heads=[1, 1, 1],
            window_size=4, out_features=["stage1", "stage2", "stage3"],
        ),
        text_config=kinds.BertConfig(**TEXT, vocab_size=len(tokenizer), max_position_embeddings=64),
        d_model=32, encoder_layers=1, encoder_ffn_dim=16, encoder_attention_heads=2,
        decoder_layers=2, decoder_ffn_dim=16, decoder_attention_heads=2, num_queries=9,
        num_feature_levels=3, max_text_len=64,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    model = kinds.GroundingDinoForObjectDetection(config)
    return save(folder, model, kinds.GroundingDinoImageProcessorPil(size=SIDE))


def _tokenizer(length: int) -> transformers.PreTrainedTokenizerFast:
    """Of words; without segments, which these models do not have."""
    tokenizer = bert_tokenizer(length)
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer
