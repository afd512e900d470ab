"""Small models that write about an image."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import bert_tokenizer, byte_tokenizer, scale_weights

SIDE = {"height": 32, "width": 32}
SMALL: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
}  # fmt: skip
VISION_CONFIG: dict[str, Any] = {**SMALL, "image_size": 32, "patch_size": 8}


def saved(folder: Path, model: Any, *parts: Any) -> Path:
    """The model and what prepares its input."""
    scale_weights(model)
    for part in (model.eval(), *parts):
        part.save_pretrained(folder)
    return folder


def vision_encoder_decoder(folder: Path) -> Path:
    """A ViT before a GPT-2 of bytes."""
    torch.manual_seed(21)
    tokenizer = byte_tokenizer(128)
    tokenizer.chat_template = None
    decoder = transformers.GPT2Config(
        n_embd=32, n_layer=2, n_head=4, n_positions=128, vocab_size=len(tokenizer),
        add_cross_attention=True, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.ViTConfig(**VISION_CONFIG), decoder, decoder_start_token_id=0, eos_token_id=1,
        pad_token_id=2,
    )  # fmt: skip
    model = transformers.VisionEncoderDecoderModel(config)
    return saved(folder, model, transformers.ViTImageProcessorPil(size=SIDE), tokenizer)


def donut(folder: Path) -> Path:
    """A Swin before a BART of bytes, with task tokens."""
    torch.manual_seed(22)
    tokenizer = byte_tokenizer(128)
    tokenizer.chat_template = None
    tokenizer.add_tokens(["<s_docvqa>", "<s_question>", "</s_question>", "<s_answer>"])
    tokenizer.add_tokens(["</s_answer>"])
    vision_config = transformers.DonutSwinConfig(
        image_size=32, patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4
    )
    decoder = transformers.MBartConfig(
        d_model=32, decoder_layers=2, decoder_attention_heads=4, decoder_ffn_dim=64,
        max_position_embeddings=128, vocab_size=len(tokenizer), is_decoder=True,
        is_encoder_decoder=False, bos_token_id=0, eos_token_id=1, pad_token_id=2,
        forced_eos_token_id=None,
    )  # fmt: skip
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        vision_config, decoder, decoder_start_token_id=0, eos_token_id=1, pad_token_id=2
    )
    model = transformers.VisionEncoderDecoderModel(config)
    return saved(folder, model, transformers.DonutImageProcessorPil(size=SIDE), tokenizer)


def blip_config(tokenizer: Any) -> transformers.BlipConfig:
    """An image of 32 by 32 pixels and 64 words."""
    words = {
        **SMALL, "encoder_hidden_size": 32, "vocab_size": len(tokenizer), "projection_dim": 32,
        "max_position_embeddings": 64, "bos_token_id": 2, "sep_token_id": 3, "eos_token_id": 3,
        "pad_token_id": 0,
    }  # fmt: skip
    # Its own default for new weights is 10^-10.
    vision_config = {**VISION_CONFIG, "initializer_range": 0.02}
    return transformers.BlipConfig(
        text_config=words, vision_config=vision_config, projection_dim=32, initializer_range=0.02
    )


def blip(folder: Path) -> Path:
    """A caption of few words."""
    torch.manual_seed(23)
    tokenizer = bert_tokenizer()
    model = transformers.BlipForConditionalGeneration(blip_config(tokenizer))
    return saved(folder, model, transformers.BlipImageProcessorPil(size=SIDE), tokenizer)


def git(folder: Path) -> Path:
    """One decoder for image and text."""
    torch.manual_seed(24)
    tokenizer = bert_tokenizer()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    config = transformers.GitConfig(
        **SMALL, vision_config=VISION_CONFIG, vocab_size=len(tokenizer), max_position_embeddings=64,
        bos_token_id=2, eos_token_id=3, pad_token_id=0,
    )  # fmt: skip
    images = transformers.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=SIDE)
    return saved(folder, transformers.GitForCausalLM(config), images, tokenizer)


def pix2struct(folder: Path) -> Path:
    """Patches of any shape before a T5."""
    torch.manual_seed(25)
    tokenizer = byte_tokenizer(128)
    tokenizer.chat_template = None
    words = {
        "hidden_size": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4,
        "vocab_size": len(tokenizer), "decoder_start_token_id": 0, "eos_token_id": 1,
        "pad_token_id": 2,
    }  # fmt: skip
    vision_config = {
        "hidden_size": 32, "patch_embed_hidden_size": 3 * 16, "d_ff": 64, "d_kv": 8,
        "num_hidden_layers": 2, "num_attention_heads": 4, "seq_len": 64,
    }  # fmt: skip
    config = transformers.Pix2StructConfig(text_config=words, vision_config=vision_config)
    patches: dict[str, Any] = {"patch_size": {"height": 4, "width": 4}, "max_patches": 36}
    images = transformers.Pix2StructImageProcessorPil(**patches)
    model = transformers.Pix2StructForConditionalGeneration(config)
    return saved(folder, model, images, tokenizer)
