"""Small models of images."""

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.fakes.tiny_models.tokenizers import scale_weights

# Its configurations take more than their signatures say.
kinds: Any = transformers
THINGS = {0: "cat", 1: "dog", 2: "bird"}
SMALL: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "image_size": 32, "patch_size": 8,
}  # fmt: skip
SIDE = {"height": 32, "width": 32}


def save(folder: Path, model: Any, processor: Any, *, is_woken: bool = True) -> Path:
    """Both into one folder; most models are woken first, and some are lively enough."""
    if is_woken:
        scale_weights(model)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def object_detection(folder: Path) -> Path:
    """A YOLOS of five boxes."""
    torch.manual_seed(21)
    config = kinds.YolosConfig(
        **SMALL | {"image_size": [32, 32]}, num_detection_tokens=5, id2label=THINGS
    )
    model = kinds.YolosForObjectDetection(config)
    torch.nn.init.normal_(model.vit.embeddings.detection_tokens)
    return save(folder, model, kinds.YolosImageProcessorPil(size=SIDE))


def rt_detr(folder: Path) -> Path:
    """An RT-DETR, whose scores are sigmoids."""
    torch.manual_seed(22)
    backbone = kinds.RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = kinds.RTDetrConfig(
        backbone_config=backbone, encoder_in_channels=[8, 8, 8], encoder_hidden_dim=16,
        encoder_ffn_dim=16, encoder_attention_heads=2, d_model=16, num_queries=5, decoder_layers=1,
        decoder_ffn_dim=16, decoder_attention_heads=2, decoder_in_channels=[16, 16, 16],
        num_denoising=0, initializer_bias_prior_prob=0.5, id2label=THINGS,
    )  # fmt: skip
    model = kinds.RTDetrForObjectDetection(config)
    size = {"height": 64, "width": 64}
    return save(folder, model, kinds.RTDetrImageProcessorPil(size=size))


def image_segmentation(folder: Path) -> Path:
    """A Segformer, which gives each pixel a class."""
    torch.manual_seed(23)
    config = kinds.SegformerConfig(
        num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1], hidden_sizes=[16, 16],
        patch_sizes=[7, 3], strides=[4, 2], num_attention_heads=[2, 2], mlp_ratios=[2, 2],
        decoder_hidden_size=16, id2label=THINGS,
    )  # fmt: skip
    model = kinds.SegformerForSemanticSegmentation(config)
    return save(folder, model, kinds.SegformerImageProcessorPil(size=SIDE))


def maskformer(folder: Path) -> Path:
    """A MaskFormer, which finds things and gives each a mask."""
    torch.manual_seed(24)
    backbone = kinds.SwinConfig(
        image_size=32, patch_size=2, embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1],
        window_size=2, out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    decoder = kinds.DetrConfig(
        backbone_config=kinds.ResNetConfig(), use_timm_backbone=False, d_model=16,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16, num_queries=4,
    )  # fmt: skip
    config = kinds.MaskFormerConfig(
        backbone_config=backbone, decoder_config=decoder, fpn_feature_size=32,
        mask_feature_size=16, id2label=THINGS,
    )  # fmt: skip
    model = kinds.MaskFormerForInstanceSegmentation(config)
    processor = kinds.MaskFormerImageProcessorPil(size=SIDE, ignore_index=255)
    return save(folder, model, processor)


def depth_estimation(folder: Path) -> Path:
    """A Depth Anything on a Dinov2."""
    torch.manual_seed(25)
    backbone = kinds.Dinov2Config(
        **SMALL, out_features=["stage1", "stage2"], reshape_hidden_states=False
    )
    config = kinds.DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=32, patch_size=8,
        reassemble_factors=[2, 1], neck_hidden_sizes=[8, 8], fusion_hidden_size=8,
        head_hidden_size=8,
    )  # fmt: skip
    model = kinds.DepthAnythingForDepthEstimation(config)
    return save(folder, model, kinds.DPTImageProcessorPil(size=SIDE))


def image_feature_extraction(folder: Path) -> Path:
    """A bare ViT without its pooler, as classifiers leave it in their files."""
    torch.manual_seed(26)
    model = kinds.ViTModel(kinds.ViTConfig(**SMALL), add_pooling_layer=False)
    return save(folder, model, kinds.ViTImageProcessorPil(size=SIDE))


def resnet(folder: Path) -> Path:
    """A ResNet, which pools by the mean."""
    torch.manual_seed(27)
    config = kinds.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic"
    )
    model = kinds.ResNetModel(config)
    return save(folder, model, kinds.ConvNextImageProcessorPil(size={"shortest_edge": 384}))
