"""depth-estimation: a 16-bit grayscale image, with the values of black and white."""

from typing import Any

import numpy as np
import torch
from PIL import Image

from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.vision.image_model import ImageModel, Size
from backend.inference.media import png_text

_WHITE = 65_535


def depth_estimation(loaded: LoadedModel) -> ImageModel:
    """Adapter for models whose image processor resizes the map to the size of the image."""

    def answer(outputs: Any, size: Size, parameters: Any) -> dict[str, object]:
        del parameters
        [found] = loaded.processor.post_process_depth_estimation(outputs, [size])
        return to_grayscale(check_finite(resized(found["predicted_depth"], size).numpy()))

    return ImageModel(loaded, ("predicted_depth", "domain_logits", "field_of_view"), answer)


def resized(depth: torch.Tensor, size: Size) -> torch.Tensor:
    """Resize to `[height, width]`: some processors drop axes of size 1, others do not resize."""
    if depth.numel() == size[0] * size[1]:
        return depth.reshape(size)
    whole = depth.reshape(1, 1, *depth.shape[-2:])
    return torch.nn.functional.interpolate(whole, size, mode="bicubic", align_corners=False)[0, 0]


def to_grayscale(depth: np.ndarray) -> dict[str, object]:
    """Scale float `[height, width]` to 16 bits: minimum is black, maximum white.

    A map with one value is all black.
    """
    low, high = float(depth.min()), float(depth.max())
    grey = (depth.astype(np.float64) - low) / ((high - low) or 1.0) * _WHITE
    image = Image.fromarray(np.rint(grey).astype(np.uint16))
    return {
        "depth": png_text(image), "min": low, "max": high,
        "width": image.width, "height": image.height,
    }  # fmt: skip
