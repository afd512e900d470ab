"""image-to-image and inpainting with a pipeline of diffusers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.diffusion.settings import (
    arguments_of,
    generated,
    png_of,
    settings_of,
    side_of,
)
from backend.inference.adapters.diffusion.text_to_image import pipeline_facts
from backend.inference.media import bytes_of, read_image
from backend.inference.responses import MediaFile
from backend.tasks.diffusion import most_pixels

_STEP = 8


class ImageToImage:
    """Changes an image as a prompt describes; with a mask, only where the mask is white.

    `painter()` returns the pipeline for masks, or None if the model has none.
    """

    encode_threads = 1
    max_group = 1

    def __init__(self, pipeline: Any | None, painter: Callable[[], Any | None]) -> None:
        self._pipeline = pipeline
        self._painter = painter

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode the image and the mask, and scale both to the size of the result."""
        image = read_image(bytes_of(item))
        mask = read_image(bytes_of(parameters.mask_image)) if parameters.mask_image else None
        if mask is None and self._pipeline is None:
            mask = Image.new("RGB", image.size, "white")  # the whole image may change
        pipeline = self._chosen(with_mask=mask is not None)
        settings_of(pipeline, parameters)
        width, height = _size(image, parameters, most_pixels(side_of(pipeline)))
        given: dict[str, Any] = {
            "prompt": parameters.prompt or "",
            "image": image.resize((width, height), Image.Resampling.LANCZOS),
        }
        if mask is not None:
            given["mask_image"] = mask.convert("L").resize((width, height))
        # Flux would otherwise scale every image to its default size.
        sizes = {"width": width, "height": height}
        given |= {name: v for name, v in sizes.items() if name in arguments_of(pipeline)}
        return Prepared(size=width * height, rows=(given,), keep=parameters)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Pixels of each image, float32 `[height, width, 3]`."""
        return [
            generated(
                self._chosen(with_mask="mask_image" in one.rows[0]), one, one.keep, one.rows[0]
            )
            for one in group
        ]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as PNG."""
        del prepared, parameters
        return png_of(raw)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return pipeline_facts(self._pipeline or self._painter())

    def _chosen(self, *, with_mask: bool) -> Any:
        pipeline = self._painter() if with_mask else self._pipeline
        if pipeline is None:
            raise InvalidInput("This model does not support mask_image.")
        return pipeline


def _size(image: Image.Image, parameters: Any, limit: int) -> tuple[int, int]:
    """Width and height of the result: as requested, or of the image, within the limit."""
    if size := parameters.target_size:
        if size.width * size.height > limit:
            raise InvalidInput(f"target_size has more than {limit:,} pixels.")
        return size.width, size.height
    scale = min(1.0, (limit / (image.width * image.height)) ** 0.5)
    width, height = (
        max(int(side * scale) // _STEP * _STEP, 8 * _STEP) for side in (image.width, image.height)
    )
    return width, height
