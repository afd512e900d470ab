"""Score `digits` on held-out scans, at sizes and margins not used in training, both polarities."""

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from transformers import AutoImageProcessor, AutoModelForImageClassification

from training.digit_images import split_scans

SIDES = (16, 20, 28, 40, 64, 100, 150, 200)
MARGINS = (0.0, 0.1, 0.2, 0.35)
WAYS = (Image.Resampling.NEAREST, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def show(scan: np.ndarray, index: int, *, dark_on_light: bool) -> bytes:
    """Grayscale PNG of the scan; `index` determines its size, margin and resampling filter."""
    side = SIDES[index % len(SIDES)]
    margin = int(side * MARGINS[index // len(SIDES) % len(MARGINS)])
    inner = max(8, side - 2 * margin)
    small = Image.fromarray((scan * (255 / 16)).astype(np.uint8))
    image = Image.new("L", (side, side))
    image.paste(small.resize((inner, inner), WAYS[index % len(WAYS)]), (margin, margin))
    buffer = io.BytesIO()
    (ImageOps.invert(image) if dark_on_light else image).save(buffer, format="PNG")
    return buffer.getvalue()


def test_images() -> list[tuple[bytes, str]]:
    _, (scans, labels) = split_scans()
    return [
        (show(scan, index, dark_on_light=dark), str(label))
        for index, (scan, label) in enumerate(zip(scans, labels, strict=True))
        for dark in (True, False)
    ]


def classify(folder: Path, images: list[bytes]) -> list[tuple[str, float]]:
    """Label and probability for each PNG, from the model in `folder`."""
    processor = AutoImageProcessor.from_pretrained(folder)
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    opened = [Image.open(io.BytesIO(image)) for image in images]
    with torch.inference_mode():
        logits = model(**processor(opened, return_tensors="pt")).logits
    best = logits.softmax(dim=-1).max(dim=-1)
    labels = [model.config.id2label[int(index)] for index in best.indices]
    return list(zip(labels, best.values.tolist(), strict=True))


def score(folder: Path) -> float:
    """Accuracy from 0 to 1."""
    images = test_images()
    answers = classify(folder, [image for image, _ in images])
    right = sum(a[0] == label for a, (_, label) in zip(answers, images, strict=True))
    return right / len(images)


def write_sample(path: Path) -> None:
    """Write the example of the wizard: a held-out 3, dark on light, 96 x 96 pixels."""
    _, (scans, labels) = split_scans()
    three = scans[int(np.flatnonzero(labels == 3)[0])]
    small = Image.fromarray((three * (255 / 16)).astype(np.uint8))
    image = Image.new("L", (96, 96))
    image.paste(small.resize((72, 72), Image.Resampling.BICUBIC), (12, 12))
    ImageOps.invert(image).save(path, optimize=True)
