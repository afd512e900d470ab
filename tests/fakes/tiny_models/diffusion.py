"""Tiny pipelines of diffusers: the components of Stable Diffusion and SDXL, with random weights."""

import json
from pathlib import Path
from typing import Any

import torch


def stable_diffusion(folder: Path, *, inpaints: bool = False, checks: bool = False) -> Path:
    """Stable Diffusion in a folder for each component; `inpaints`: its UNet also reads a mask.

    `checks`: it has a safety checker, which finds nothing.
    """
    import diffusers as library
    from transformers import CLIPTextModel

    diffusers: Any = library
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder / "tokenizer")
    unet = _denoiser(in_channels=9 if inpaints else 4, cross_attention_dim=32)
    kind = "StableDiffusionInpaintPipeline" if inpaints else "StableDiffusionPipeline"
    pipeline = getattr(diffusers, kind)(
        unet=unet, vae=_autoencoder(), text_encoder=CLIPTextModel(_text_config(tokenizer)),
        tokenizer=tokenizer, scheduler=_scheduler(), requires_safety_checker=checks,
        **(_checker() if checks else {"safety_checker": None, "feature_extractor": None}),
    )  # fmt: skip
    pipeline.save_pretrained(folder)
    return folder


def stable_diffusion_xl(folder: Path) -> Path:
    """SDXL: two text encoders, and the size of the image as a condition."""
    import diffusers as library
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    diffusers: Any = library
    torch.manual_seed(0)
    first, second = (clip_tokenizer(folder / name) for name in ("tokenizer", "tokenizer_2"))
    unet = _denoiser(
        cross_attention_dim=64, use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=6 * 8 + 32,
    )  # fmt: skip
    pipeline = diffusers.StableDiffusionXLPipeline(
        unet=unet, vae=_autoencoder(), scheduler=_scheduler(), tokenizer=first, tokenizer_2=second,
        text_encoder=CLIPTextModel(_text_config(first)),
        text_encoder_2=CLIPTextModelWithProjection(_text_config(second, projection_dim=32)),
        add_watermarker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder)
    return folder


def _denoiser(**more: Any) -> Any:
    import diffusers as library

    diffusers: Any = library
    usual = {"in_channels": 4, "out_channels": 4, "layers_per_block": 1, "sample_size": 8}
    return diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64), attention_head_dim=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **(usual | more),
    )  # fmt: skip


def _checker() -> dict[str, Any]:
    """The safety checker, a class of diffusers itself, and what prepares images for it."""
    import importlib

    from transformers import CLIPConfig, CLIPImageProcessor

    own: Any = importlib.import_module("diffusers.pipelines.stable_diffusion.safety_checker")
    sizes = {"hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4}
    vision = {**sizes, "num_hidden_layers": 2, "image_size": 30, "patch_size": 10}
    config = CLIPConfig(text_config=sizes, vision_config=vision, projection_dim=32)
    size = {"height": 30, "width": 30}
    return {
        "safety_checker": own.StableDiffusionSafetyChecker(config),
        "feature_extractor": CLIPImageProcessor(size={"shortest_edge": 30}, crop_size=size),
    }


def _autoencoder() -> Any:
    import diffusers as library

    diffusers: Any = library
    return diffusers.AutoencoderKL(
        block_out_channels=[32] * 4, latent_channels=4, norm_num_groups=16,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
    )  # fmt: skip


def _scheduler() -> Any:
    import diffusers as library

    diffusers: Any = library
    return diffusers.DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip


def _text_config(tokenizer: Any, **more: Any) -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=2, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, **more,
    )  # fmt: skip


def stable_diffusion_inpainting(folder: Path) -> Path:
    """As above, for images with a mask only."""
    return stable_diffusion(folder, inpaints=True)


def clip_tokenizer(folder: Path) -> Any:
    """CLIP's tokenizer with single bytes as tokens."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>"}
    tokens += special.values()
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    settings = {**special, "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    settings |= {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return CLIPTokenizer.from_pretrained(folder)
