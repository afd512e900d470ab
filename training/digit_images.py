"""Draw training images of digits: scikit-learn's scans, pen strokes and Pillow's default font."""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIDE = 32
SPLIT_SEED = 2026
Scan = np.ndarray
Points = list[tuple[float, float]]

# Pen strokes of each digit: alternatives of one or more lines in the unit square, y downwards.
PEN: dict[int, list[list[Points]]] = {
    0: [[[(0.5, 0), (0.15, 0.2), (0.1, 0.6), (0.4, 1), (0.8, 0.85), (0.9, 0.4), (0.5, 0)]]],
    1: [
        [[(0.5, 0), (0.5, 0.5), (0.5, 1)]],
        [[(0.3, 0.25), (0.4, 0.15), (0.55, 0)], [(0.55, 0), (0.55, 1)]],
        [[(0.3, 0.25), (0.5, 0)], [(0.5, 0), (0.5, 1)], [(0.25, 1), (0.75, 1)]],
    ],
    2: [
        [[(0.1, 0.25), (0.4, 0), (0.85, 0.2), (0.6, 0.6), (0.1, 1)], [(0.1, 1), (0.9, 1)]],
        [[(0.1, 0.2), (0.5, 0), (0.8, 0.3), (0.2, 0.9), (0.3, 0.8), (0.9, 1)]],
    ],
    3: [
        [
            [(0.1, 0.1), (0.5, 0), (0.8, 0.2), (0.45, 0.45)],
            [(0.45, 0.45), (0.9, 0.7), (0.5, 1), (0.1, 0.9)],
        ],
        [
            [(0.1, 0), (0.8, 0)],
            [(0.8, 0), (0.4, 0.4)],
            [(0.4, 0.4), (0.9, 0.7), (0.5, 1), (0.1, 0.9)],
        ],
    ],
    4: [
        [[(0.35, 0), (0.1, 0.6)], [(0.1, 0.6), (0.9, 0.6)], [(0.65, 0.25), (0.65, 1)]],
        [[(0.7, 0), (0.05, 0.7)], [(0.05, 0.7), (0.95, 0.7)], [(0.7, 0), (0.7, 1)]],
    ],
    5: [
        [
            [(0.85, 0), (0.2, 0)],
            [(0.2, 0), (0.15, 0.45)],
            [(0.15, 0.45), (0.6, 0.35), (0.9, 0.65), (0.6, 1), (0.1, 0.9)],
        ],
    ],
    6: [
        [[(0.75, 0), (0.3, 0.3), (0.1, 0.7), (0.4, 1), (0.85, 0.8), (0.6, 0.5), (0.15, 0.7)]],
        [[(0.5, 0), (0.15, 0.6), (0.35, 1), (0.8, 0.85), (0.7, 0.55), (0.2, 0.65)]],
    ],
    7: [
        [[(0.1, 0), (0.9, 0)], [(0.9, 0), (0.6, 0.5), (0.4, 1)]],
        [[(0.1, 0), (0.9, 0)], [(0.9, 0), (0.4, 1)], [(0.35, 0.5), (0.8, 0.5)]],
    ],
    8: [
        [
            [
                (0.75, 0.1),
                (0.4, 0),
                (0.2, 0.25),
                (0.5, 0.45),
                (0.85, 0.75),
                (0.5, 1),
                (0.15, 0.75),
                (0.5, 0.45),
                (0.8, 0.25),
                (0.7, 0.05),
            ]
        ],
    ],
    9: [
        [[(0.85, 0.25), (0.5, 0), (0.15, 0.3), (0.5, 0.5), (0.85, 0.25)], [(0.85, 0.25), (0.8, 1)]],
        [[(0.8, 0.2), (0.4, 0), (0.2, 0.35), (0.6, 0.45), (0.85, 0.2), (0.75, 0.7), (0.3, 1)]],
    ],
}


def split_scans() -> tuple[tuple[Scan, Scan], tuple[Scan, Scan]]:
    """(scans, labels) of the training set and of the test set, a fifth, stratified by label.

    Scans are [count, 8, 8] with values from 0 to 16.
    """
    pixels, digits = load_digits(return_X_y=True)
    scans, labels = np.asarray(pixels).reshape(-1, 8, 8), np.asarray(digits)
    kept, apart = train_test_split(
        np.arange(len(labels)), test_size=0.2, random_state=SPLIT_SEED, stratify=labels
    )
    return (scans[kept], labels[kept]), (scans[apart], labels[apart])


def smooth(points: Points, steps: int = 8) -> Points:
    """Catmull-Rom spline through the points."""
    knots = np.array([points[0], *points, points[-1]])
    curve: Points = []
    for at in range(1, len(knots) - 2):
        before, start, end, after = knots[at - 1 : at + 3]
        for t in np.linspace(0, 1, steps):
            where = 0.5 * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
            curve.append((float(where[0]), float(where[1])))
    return curve


def render_scan(scan: Scan, rng: random.Random) -> Image.Image:
    """The scan enlarged to 24-56 pixels, sometimes with increased contrast."""
    small = Image.fromarray((scan * (255 / 16)).astype(np.uint8))
    side = rng.randint(24, 56)
    ways = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.NEAREST)
    image = small.resize((side, side), rng.choices(ways, (5, 3, 2))[0])
    if rng.random() < 0.4:
        edge, gain = rng.randint(70, 150), rng.uniform(2, 8)
        image = image.point([max(0, min(255, int((v - edge) * gain + 128))) for v in range(256)])
    return image


def render_pen(digit: int, rng: random.Random) -> Image.Image:
    """Pen strokes with random offsets of their points, 64 x 64 pixels."""
    image = Image.new("L", (64, 64))
    pen = ImageDraw.Draw(image)
    width, shake = rng.randint(3, 11), rng.uniform(0, 0.05)
    wide = rng.uniform(26, 44)
    moved: dict[tuple[float, float], tuple[float, float]] = {}
    for line in rng.choice(PEN[digit]):
        for x, y in line:
            shaken = (x + rng.gauss(0, shake), y + rng.gauss(0, shake))
            moved.setdefault((x, y), (32 + (shaken[0] - 0.5) * wide, 10 + shaken[1] * 44))
        curve = smooth([moved[point] for point in line])
        pen.line(curve, fill=255, width=width, joint="curve")
        for x, y in (curve[0], curve[-1]):
            pen.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=255)
    return image


def render_font(digit: int, rng: random.Random) -> Image.Image:
    """The digit in Pillow's default font, regular to bold, 64 x 64 pixels."""
    image = Image.new("L", (64, 64))
    bold = rng.choice((0, 0, 1, 2))
    font = ImageFont.load_default(rng.randint(40, 58))
    pen = ImageDraw.Draw(image)
    pen.text((32, 32), str(digit), fill=255, font=font, anchor="mm", stroke_width=bold)
    return image


def trim(image: Image.Image) -> Image.Image:
    box = image.point([255 if v > 40 else 0 for v in range(256)]).getbbox()
    return image.crop(box) if box else image


def place(ink: Image.Image, rng: random.Random) -> Image.Image:
    """Stretch the ink, place it at random on 64 x 64 pixels, then slant and rotate it."""
    ink = trim(ink)
    if rng.random() < 0.35:
        ink = ink.filter(rng.choice((ImageFilter.MaxFilter(3), ImageFilter.MinFilter(3))))
    high = rng.randint(22, 64)
    ratio = ink.width / ink.height * rng.uniform(0.75, 1.3)
    wide = max(4, min(64, round(high * ratio)))
    ink = ink.resize((wide, high), Image.Resampling.BILINEAR)
    canvas = Image.new("L", (64, 64))
    where = [(64 - wide) / 2, (64 - high) / 2]
    at = [int(room * (1 + rng.uniform(-1, 1) * rng.random())) for room in where]
    canvas.paste(ink, (at[0], at[1]))
    slant = rng.gauss(0, 0.12)
    canvas = canvas.transform(
        (64, 64),
        Image.Transform.AFFINE,
        (1, slant, -32 * slant, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return canvas.rotate(rng.gauss(0, 7), Image.Resampling.BILINEAR)


def colour(ink: Image.Image, rng: random.Random) -> np.ndarray:
    """Apply two contrasting colors in random polarity, blur and noise; uint8 [3, SIDE, SIDE]."""
    dark = np.array([rng.randint(0, 90) for _ in range(3)])
    light = np.array([rng.randint(150, 255) for _ in range(3)])
    if rng.random() < 0.6:
        dark, light = np.zeros(3), np.full(3, 255)
    if rng.random() < 0.15:
        ink = ink.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.5)))
    if rng.random() < 0.1:
        ink = ImageChops.invert(ImageChops.invert(ink).filter(ImageFilter.MinFilter(3)))
    small = np.asarray(ink.resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32) / 255
    front, back = (dark, light) if rng.random() < 0.5 else (light, dark)
    mixed = small[None] * front[:, None, None] + (1 - small[None]) * back[:, None, None]
    if rng.random() < 0.4:
        grain = np.random.default_rng(rng.getrandbits(32)).normal(
            0, rng.uniform(2, 22), mixed.shape
        )
        mixed = mixed + grain
    return mixed.clip(0, 255).astype(np.uint8)


def generate_training_set(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images [count, 3, SIDE, SIDE] uint8 and labels [count] int64; two thirds from scans."""
    rng = random.Random(seed)
    (scans, labels), _ = split_scans()
    images = np.empty((count, 3, SIDE, SIDE), dtype=np.uint8)
    answers = np.empty(count, dtype=np.int64)
    drawn: tuple[Callable[[int, random.Random], Image.Image], ...] = (render_pen, render_font)
    for index in range(count):
        if rng.random() < 0.66:
            pick = index % len(scans)
            ink, answer = render_scan(scans[pick], rng), int(labels[pick])
        else:
            answer = rng.randrange(10)
            ink = rng.choices(drawn, (3, 1))[0](answer, rng)
        images[index], answers[index] = colour(place(ink, rng), rng), answer
    return images, answers
