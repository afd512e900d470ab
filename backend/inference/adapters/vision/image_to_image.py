"""image-to-image: super-resolution of an image."""

from typing import Any

import numpy as np
from PIL import Image

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.vision.image_model import ImageModel, Size
from backend.inference.config import MAX_ENLARGED_PIXELS
from backend.inference.media import write_png
from backend.inference.responses import MediaFile


class Upscaler(ImageModel):
    """A super-resolution model, which has no parameters."""

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Prepare an image. Raises InvalidInput for parameters of diffusion models."""
        given = sorted(parameters.model_dump(exclude_none=True))
        if given:
            raise InvalidInput(f"This model enlarges images; it does not support {given[0]}.")
        return super().encode(item, parameters)


def image_to_image(loaded: LoadedModel) -> ImageModel:
    """Adapter for super-resolution models; they run at the image's size, so it is limited."""
    scale = loaded.model.config.upscale

    def answer(outputs: Any, size: Size, parameters: Any) -> MediaFile:
        del parameters
        # Crop the padding at the right and bottom.
        height, width = size[0] * scale, size[1] * scale
        pixels = check_finite(outputs.reconstruction[0, :, :height, :width].numpy())
        levels = np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)
        image = Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0)))
        return MediaFile(body=write_png(image), content_type="image/png")

    return Upscaler(
        loaded, ("reconstruction",), answer, {"scale": scale, "max_pixels": MAX_ENLARGED_PIXELS},
        most_pixels=MAX_ENLARGED_PIXELS,
    )  # fmt: skip
