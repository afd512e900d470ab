"""Small models of images and audio."""

from pathlib import Path

import torch
import transformers

from tests.fakes.tiny_models.text import LABELS
from tests.fakes.tiny_models.tokenizers import scale_weights


def image_classification(folder: Path) -> Path:
    """A ViT for 32 by 32 pixels."""
    torch.manual_seed(3)
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        image_size=32, patch_size=8, id2label=LABELS,
    )  # fmt: skip
    model = transformers.ViTForImageClassification(config)
    scale_weights(model)
    model.save_pretrained(folder)
    transformers.ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def audio_classification(folder: Path) -> Path:
    """A Wav2Vec2 at 16 kHz."""
    torch.manual_seed(5)
    config = transformers.Wav2Vec2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        conv_dim=(16, 16), conv_stride=(5, 4), conv_kernel=(10, 8), num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2, classifier_proj_size=16, id2label=LABELS,
    )  # fmt: skip
    model = transformers.Wav2Vec2ForSequenceClassification(config)
    scale_weights(model)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
    return folder
