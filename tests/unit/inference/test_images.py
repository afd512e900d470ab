"""Files that are not raster images are rejected at once."""

import pytest

from backend.errors.inference import InvalidMedia
from backend.errors.request import UnsupportedMediaType
from backend.inference.media import read_image

SVG_FILES = [
    b"<svg/>",
    b' <?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x"> <!-- > --> <svg>',
    b"<!---->" * 500 + b"<svg>",
]


@pytest.mark.parametrize("body", SVG_FILES)
def test_svg_is_rejected_as_unsupported_media_type(body: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_image(body)


@pytest.mark.parametrize("body", [b"<!---->" * 10_000, b"<!-- " * 10_000, b"<?xml " * 10_000])
def test_long_comments_do_not_block_svg_detection(body: bytes) -> None:
    with pytest.raises(InvalidMedia):
        read_image(body)
