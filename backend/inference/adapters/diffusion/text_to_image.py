"""text-to-image with a pipeline of diffusers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.diffusion.settings import (
    generated,
    png_of,
    schedulers,
    settings_of,
    side_of,
)
from backend.inference.adapters.items import text_item
from backend.inference.responses import MediaFile
from backend.tasks.diffusion import most_pixels

_MAX_CHARACTERS = 10_000


class TextToImage:
    """An image for each description, one after the other."""

    encode_threads = 1
    max_group = 1

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._side = side_of(pipeline)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Check the description and the settings; they are read again in `forward`."""
        prompt = text_item(item, _MAX_CHARACTERS)
        settings_of(self._pipeline, parameters)
        width, height = parameters.width or self._side, parameters.height or self._side
        if width * height > most_pixels(self._side):
            raise InvalidInput(
                f"The image would have {width * height:,} pixels; this model generates at most "
                f"{most_pixels(self._side):,}."
            )
        size = {"width": parameters.width, "height": parameters.height}
        given = {"prompt": prompt, **{name: value for name, value in size.items() if value}}
        return Prepared(size=width * height, rows=(given,), keep=parameters)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Pixels of each image, float32 `[height, width, 3]`."""
        return [generated(self._pipeline, one, one.keep, one.rows[0]) for one in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as PNG."""
        del prepared, parameters
        return png_of(raw)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return pipeline_facts(self._pipeline)


def pipeline_facts(pipeline: Any) -> dict[str, object]:
    """Facts about a pipeline for /info."""
    side = side_of(pipeline)
    return {
        "pipeline": type(pipeline).__name__,
        "default_side": side,
        "max_pixels": most_pixels(side),
        "scheduler": type(pipeline.scheduler).__name__,
        "schedulers": sorted(schedulers(pipeline)),
    }
