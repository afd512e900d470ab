"""Small models that cut out whatever lies at a point."""

from pathlib import Path
from typing import Any

import torch

from tests.fakes.tiny_models.vision import SIDE, kinds, save

_SEEN: dict[str, Any] = {
    "hidden_size": 16, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "image_size": 32, "patch_size": 4, "window_size": 2, "num_pos_feats": 8, "mlp_dim": 32,
    "global_attn_indexes": [0, 1],
}  # fmt: skip
_ASKED: dict[str, Any] = {
    "hidden_size": 16, "image_size": 32, "patch_size": 4, "mask_input_channels": 4
}  # fmt: skip
_DRAWN: dict[str, Any] = {
    "hidden_size": 16, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 16
}  # fmt: skip


def sam(folder: Path) -> Path:
    """A SAM."""
    torch.manual_seed(45)
    config = kinds.SamConfig(
        vision_config=_SEEN, prompt_encoder_config=_ASKED, mask_decoder_config=_DRAWN
    )
    return _saved(folder, kinds.SamModel(config))


def sam_hq(folder: Path) -> Path:
    """A SAM-HQ, which also looks at what its encoder saw on the way."""
    torch.manual_seed(46)
    drawn = {**_DRAWN, "vit_dim": 16}
    config = kinds.SamHQConfig(
        vision_config=_SEEN, prompt_encoder_config=_ASKED, mask_decoder_config=drawn
    )
    return _saved(folder, kinds.SamHQModel(config))


def _saved(folder: Path, model: Any) -> Path:
    """Thinks well of most of its masks, and is sure of most of their pixels."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                torch.nn.init.normal_(weight, std=30 if "mlps" in name else 0.3)
        model.mask_decoder.iou_prediction_head.proj_out.bias.fill_(0.95)
    size = {"longest_edge": 32}
    return save(folder, model, kinds.SamImageProcessorPil(size=size, pad_size=SIDE), is_woken=False)
