"""Images in the ways that clients, processors and pipelines want them."""

import base64
import io
from pathlib import Path
from typing import Any

import transformers
from PIL import Image

from backend.tasks.samples import png

IMAGE = png(4)
OTHER = png(9)


def packed(image: bytes) -> str:
    """In base64."""
    return base64.b64encode(image).decode()


def opened(image: bytes) -> Image.Image:
    """In RGB."""
    return Image.open(io.BytesIO(image)).convert("RGB")


def pipeline(task: str, folder: Path) -> Any:
    """The library's own way, to compare with."""
    make: Any = transformers.pipeline
    return make(task, model=str(folder))
