"""Small models of videos, of pairs of images, and one that makes an image larger."""

from pathlib import Path

import torch

from tests.fakes.tiny_models.vision import SIDE, SMALL, THINGS, kinds, save


def video_classification(folder: Path) -> Path:
    """A VideoMAE of four frames."""
    torch.manual_seed(41)
    config = kinds.VideoMAEConfig(**SMALL, num_frames=4, tubelet_size=2, id2label=THINGS)
    model = kinds.VideoMAEForVideoClassification(config)
    processor = kinds.VideoMAEImageProcessorPil(size={"shortest_edge": 32}, crop_size=SIDE)
    return save(folder, model, processor)


def keypoint_matching(folder: Path) -> Path:
    """A SuperGlue on a SuperPoint that takes nearly every place for a key."""
    torch.manual_seed(42)
    detector = kinds.SuperPointConfig(
        encoder_hidden_sizes=[8, 8, 8, 8], decoder_hidden_size=16, descriptor_decoder_dim=16,
        keypoint_threshold=0.0, nms_radius=1, max_keypoints=30,
    )  # fmt: skip
    config = kinds.SuperGlueConfig(
        keypoint_detector_config=detector, hidden_size=16, keypoint_encoder_sizes=[8, 16],
        gnn_layers_types=["self", "cross"], sinkhorn_iterations=5,
    )  # fmt: skip
    model = kinds.SuperGlueForKeypointMatching(config)
    size = {"height": 48, "width": 64}
    return save(folder, model, kinds.SuperGlueImageProcessorPil(size=size), is_woken=False)


def image_to_image(folder: Path) -> Path:
    """A Swin2SR that doubles both sides."""
    torch.manual_seed(43)
    config = kinds.Swin2SRConfig(
        image_size=16, embed_dim=16, depths=[1], num_heads=[2], window_size=4, upscale=2
    )
    model = kinds.Swin2SRForImageSuperResolution(config)
    return save(folder, model, kinds.Swin2SRImageProcessorPil(), is_woken=False)
