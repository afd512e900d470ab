"""depth-estimation: a grey image of 16 bits, with the numbers that black and white stand for."""

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
    """For models whose image processor brings the map to the image's size."""

    def answer(outputs: Any, size: Size, parameters: Any) -> dict[str, object]:
        del parameters
        [found] = loaded.processor.post_process_depth_estimation(outputs, [size])
        return to_grayscale(check_finite(resized(found["predicted_depth"], size).numpy()))

    return ImageModel(loaded, ("predicted_depth", "domain_logits"), answer)


def resized(depth: torch.Tensor, size: Size) -> torch.Tensor:
    """Some processors drop sides of one pixel, others leave the size that the model works at."""
    if depth.numel() == size[0] * size[1]:
        return depth.reshape(size)
    whole = depth.reshape(1, 1, *depth.shape[-2:])
    return torch.nn.functional.interpolate(whole, size, mode="bicubic", align_corners=False)[0, 0]


def to_grayscale(depth: np.ndarray) -> dict[str, object]:
    """Black is the smallest number, white the largest; all is black where there is only one."""
    low, high = float(depth.min()), float(depth.max())
    grey = (depth.astype(np.float64) - low) / ((high - low) or 1.0) * _WHITE
    image = Image.fromarray(np.rint(grey).astype(np.uint16))
    return {
        "depth": png_text(image), "min": low, "max": high,
        "width": image.width, "height": image.height,
    }  # fmt: skip
