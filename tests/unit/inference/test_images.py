"""What is no image of pixels is told at once."""

import pytest

from backend.errors.inference import InvalidMedia
from backend.errors.request import UnsupportedMediaType
from backend.inference.media import read_image

DRAWINGS = [
    b"<svg/>",
    b' <?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x"> <!-- > --> <svg>',
    b"<!---->" * 500 + b"<svg>",
]


@pytest.mark.parametrize("body", DRAWINGS)
def test_a_drawing_is_refused_as_one(body: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        read_image(body)


@pytest.mark.parametrize("body", [b"<!---->" * 10_000, b"<!-- " * 10_000, b"<?xml " * 10_000])
def test_comments_without_a_drawing_do_not_hold_up_the_server(body: bytes) -> None:
    with pytest.raises(InvalidMedia):
        read_image(body)
