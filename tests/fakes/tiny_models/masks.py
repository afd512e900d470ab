"""Small models for mask generation."""

from pathlib import Path
from typing import Any

import torch

from tests.fakes.tiny_models.vision import SIDE, kinds, save

_VISION_CONFIG: dict[str, Any] = {
    "hidden_size": 16, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "image_size": 32, "patch_size": 4, "window_size": 2, "num_pos_feats": 8, "mlp_dim": 32,
    "global_attn_indexes": [0, 1],
}  # fmt: skip
_PROMPT_ENCODER_CONFIG: dict[str, Any] = {
    "hidden_size": 16, "image_size": 32, "patch_size": 4, "mask_input_channels": 4
}  # fmt: skip
_MASK_DECODER_CONFIG: dict[str, Any] = {
    "hidden_size": 16, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 16
}  # fmt: skip


def sam(folder: Path) -> Path:
    """A SAM."""
    torch.manual_seed(45)
    config = kinds.SamConfig(
        vision_config=_VISION_CONFIG,
        prompt_encoder_config=_PROMPT_ENCODER_CONFIG,
        mask_decoder_config=_MASK_DECODER_CONFIG,
    )
    return _saved(folder, kinds.SamModel(config))


def sam_hq(folder: Path) -> Path:
    """A SAM-HQ, which also reads intermediate states of its encoder."""
    torch.manual_seed(46)
    mask_decoder_config = {**_MASK_DECODER_CONFIG, "vit_dim": 16}
    config = kinds.SamHQConfig(
        vision_config=_VISION_CONFIG,
        prompt_encoder_config=_PROMPT_ENCODER_CONFIG,
        mask_decoder_config=mask_decoder_config,
    )
    return _saved(folder, kinds.SamHQModel(config))


def _saved(folder: Path, model: Any) -> Path:
    """Biased so that most masks pass the score thresholds."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                torch.nn.init.normal_(weight, std=30 if "mlps" in name else 0.3)
        model.mask_decoder.iou_prediction_head.proj_out.bias.fill_(0.95)
    size = {"longest_edge": 32}
    return save(folder, model, kinds.SamImageProcessorPil(size=size, pad_size=SIDE), is_woken=False)
