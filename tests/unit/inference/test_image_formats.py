"""Photos as telephones and browsers write them."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from backend.errors.inference import InvalidMedia
from backend.errors.request import PayloadTooLarge
from backend.inference import media
from backend.inference.config import MAX_PIXELS
from backend.inference.media import read_image


def photo(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red on the left, blue on the right."""
    made = Image.new("RGB", size, (200, 30, 30))
    made.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    return made


def colour(image: Image.Image, x: int) -> tuple[int, int, int]:
    """Red, green and blue half way down."""
    red, green, blue = np.asarray(image)[image.height // 2, x]
    return int(red), int(green), int(blue)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_every_format_is_read(kind: str) -> None:
    found = read_image(written(photo(), kind))
    assert (found.mode, found.size) == ("RGB", (64, 48))
    left, right = colour(found, 8), colour(found, 56)
    assert left[0] > 150 > left[2]
    assert right[2] > 150 > right[0]


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIF"])
def test_exif_orientation_is_applied(kind: str) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held on its side: turn by 90 degrees to the right
    found = read_image(written(photo(), kind, exif=turned.tobytes()))
    assert found.size == (48, 64)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_truncated_file_is_rejected_with_supported_formats(kind: str) -> None:
    with pytest.raises(InvalidMedia, match="AVIF, HEIC"):
        read_image(written(photo((200, 200)), kind)[:300])


def test_first_frame_of_animation_is_read() -> None:
    frames = [photo(), Image.new("RGB", (64, 48), (10, 10, 10))]
    file = io.BytesIO()
    frames[0].save(file, "AVIF", save_all=True, append_images=frames[1:])
    assert colour(read_image(file.getvalue()), 8)[0] > 150


def test_size_is_checked_before_decoding() -> None:
    side = int(MAX_PIXELS**0.5) + 200
    body = written(Image.new("L", (side, side)), "HEIF", quality=1)
    with pytest.raises(PayloadTooLarge):
        read_image(body)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_large_image_with_small_declared_size_is_rejected(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MAX_PIXELS", 200 * 200)
    large = written(Image.new("RGB", (256, 256), "red"), kind)
    place = large.index(b"ispe") + 8
    understated = large[:place] + struct.pack(">II", 64, 64) + large[place + 8 :]
    with pytest.raises(InvalidMedia):
        read_image(understated)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_image_with_transparency_is_read(kind: str) -> None:
    assert read_image(written(photo().convert("RGBA"), kind)).size == (64, 48)
