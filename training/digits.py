"""Train `digits`: a ResNet with 170,000 parameters for images of 32 x 32 pixels."""

import sys
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

from training.common import Card, optimizer, parse_out, prepare, shuffled, write_card
from training.digit_images import SIDE, generate_training_set
from training.digits_score import score, write_sample

SEED = 11
IMAGES = 16_000
EPOCHS = 7
BATCH = 64
HOW = """Two thirds of the training images come from four fifths of scikit-learn's digits dataset
(1,437 scans of 8x8 pixels): enlarged, slanted, rotated, stretched, thickened and shifted. The
others are pen strokes drawn by `training/digit_images.py`, and Pillow's default font. Half are
dark on light and half light on dark; some are colored, blurred or noisy. 16,000 images, seven
epochs, each epoch with new small shifts and half of the images inverted."""
LIMITS = """One digit that fills at least a third of a plain background. Not for several digits,
photographs of paper with shadows or lines, or anything that is not a digit: there is no label for
"none", so every image is classified as a digit. The scans come from 43 writers; other
handwriting, such as a 1 with a long upstroke, is recognized less reliably."""


def build_model() -> ResNetForImageClassification:
    labels = {digit: str(digit) for digit in range(10)}
    config = ResNetConfig(
        num_channels=3,
        embedding_size=16,
        hidden_sizes=[24, 48, 96],
        depths=[1, 1, 1],
        layer_type="basic",
        hidden_act="relu",
        id2label=labels,
        label2id={label: digit for digit, label in labels.items()},
    )
    return ResNetForImageClassification(config)


def build_processor() -> ViTImageProcessor:
    """Image processor for all modes: `pixel_values` is [batch, 3, SIDE, SIDE] from -1 to 1."""
    return ViTImageProcessor(
        do_convert_rgb=True,
        size={"height": SIDE, "width": SIDE},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def vary(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Invert half of the batch [batch, 3, SIDE, SIDE] and shift all of it by at most two pixels."""
    flip = (torch.rand(len(pixels), 1, 1, 1, generator=generator) < 0.5).float() * -2 + 1
    padded = torch.nn.functional.pad(pixels * flip, (2, 2, 2, 2), mode="replicate")
    down, right = torch.randint(0, 5, (2,), generator=generator).tolist()
    return padded[:, :, down : down + SIDE, right : right + SIDE]


def train(model: ResNetForImageClassification, generator: torch.Generator) -> None:
    drawn, answers = generate_training_set(IMAGES, SEED)
    pixels, labels = torch.from_numpy(drawn).float() / 127.5 - 1, torch.from_numpy(answers)
    steps = EPOCHS * (IMAGES // BATCH)
    step, schedule = optimizer(model, steps, rate=4e-3)
    model.train()
    for epoch in range(EPOCHS):
        total = 0.0
        for batch in shuffled(IMAGES, BATCH, generator):
            logits = model(pixel_values=vary(pixels[batch], generator)).logits
            loss = cross_entropy(logits, labels[batch], label_smoothing=0.03)
            step.zero_grad()
            loss.backward()
            step.step()
            schedule.step()
            total += loss.item()
        sys.stdout.write(f"epoch {epoch + 1}: loss {total / (steps / EPOCHS):.4f}\n")
        sys.stdout.flush()
    model.eval()


def main() -> None:
    out = parse_out("digits")
    generator = prepare(SEED)
    model = build_model()
    train(model, generator)
    model.save_pretrained(out)
    build_processor().save_pretrained(out)
    write_sample(out / "sample.png")
    write_card(out, card(out), model)


def card(out: Path) -> Card:
    return Card(
        name="digits",
        title="digits: recognition of one digit",
        task="image-classification",
        what="Recognizes one handwritten or printed digit in an image; labels `0` to `9`.",
        how=HOW,
        limits=LIMITS,
        score=score(out),
        score_of="accuracy on 360 scans held out from training, each as two PNG images of another "
        "size (16 to 200 pixels, other margins): dark on light and light on dark",
        seed=SEED,
    )


if __name__ == "__main__":
    main()
