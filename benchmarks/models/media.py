"""ViT-base for images of 224 x 224 pixels, and wav2vec2-base for audio at 16 kHz."""

from __future__ import annotations

from pathlib import Path

import transformers

CLASSES = {number: f"class {number}" for number in range(10)}
NAMES = {name: number for number, name in CLASSES.items()}


def vit_base(folder: Path) -> None:
    """The shape of vit-base-patch16-224: 86 M parameters."""
    config = transformers.ViTConfig(id2label=CLASSES, label2id=NAMES)
    transformers.ViTForImageClassification(config).save_pretrained(folder)
    transformers.ViTImageProcessorPil().save_pretrained(folder)


def wav2vec2_base(folder: Path) -> None:
    """The shape of wav2vec2-base with a classifier: 95 M parameters."""
    config = transformers.Wav2Vec2Config(id2label=CLASSES, label2id=NAMES)
    transformers.Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
