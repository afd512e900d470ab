"""image-to-image: an image made larger by a model for it."""

from typing import Any

import numpy as np
from PIL import Image

from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.vision.image_model import ImageModel, Size
from backend.inference.config import MAX_ENLARGED_PIXELS
from backend.inference.media import write_png
from backend.inference.responses import MediaFile


def image_to_image(loaded: LoadedModel) -> ImageModel:
    """For models that enlarge; they work at the image's own size, so that it is capped."""
    scale = loaded.model.config.upscale

    def answer(outputs: Any, size: Size, parameters: Any) -> MediaFile:
        del parameters
        # Without what was padded at the right and at the bottom.
        height, width = size[0] * scale, size[1] * scale
        pixels = check_finite(outputs.reconstruction[0, :, :height, :width].numpy())
        levels = np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)
        image = Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0)))
        return MediaFile(body=write_png(image), content_type="image/png")

    return ImageModel(
        loaded, ("reconstruction",), answer, {"scale": scale, "max_pixels": MAX_ENLARGED_PIXELS},
        most_pixels=MAX_ENLARGED_PIXELS,
    )  # fmt: skip
