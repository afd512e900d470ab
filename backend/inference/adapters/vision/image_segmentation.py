"""image-segmentation: a mask for each segment, from the post-processing of the image processor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from backend.errors.inference import InvalidInput
from backend.errors.request import PayloadTooLarge
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.scores import labels_of
from backend.inference.adapters.vision.image_model import ImageModel, Size
from backend.inference.config import MAX_MASK_PIXELS
from backend.inference.media import png_text

_SUBTASKS = ("panoptic", "instance", "semantic")
_FIELDS = (
    "logits", "pred_masks", "pred_boxes", "class_queries_logits", "masks_queries_logits",
)  # fmt: skip
# Post-processing resizes all masks of an image at once, in float32; this is one gigabyte. Masks of
# larger images are resized to a smaller size first, then enlarged one by one.
_MOST_NUMBERS = 1 << 28


def image_segmentation(loaded: LoadedModel) -> ImageModel:
    """Adapter for models that classify pixels, and for models that predict masks."""
    processor, config = loaded.processor, loaded.model.config
    known = [name for name in _SUBTASKS if hasattr(processor, f"post_process_{name}_segmentation")]
    if not known or getattr(processor, "do_split_image", False):
        raise LoadFailed(
            "The model's image processor does not support segmentation of whole images."
        )

    def answer(outputs: Any, size: Size, parameters: Any) -> list[dict[str, object]]:
        subtask = parameters.subtask or known[0]
        if subtask not in known:
            raise InvalidInput(f"subtask is {subtask!r}; supported: {', '.join(known)}.")
        layers = max(config.num_labels, *(tensor.shape[1] for tensor in outputs.values()))
        small = within(size, _MOST_NUMBERS // layers)
        process = getattr(processor, f"post_process_{subtask}_segmentation")
        if subtask == "semantic":
            [found] = process(outputs, target_sizes=[small])
            segments = [(label, label, 1.0) for label in np.unique(found.numpy()).tolist()]
            return masks(found.numpy(), segments, config.id2label, size)
        [found] = process(
            outputs, threshold=parameters.threshold, mask_threshold=parameters.mask_threshold,
            overlap_mask_area_threshold=parameters.overlap_mask_area_threshold,
            target_sizes=[small],
        )  # fmt: skip
        segments = [(s["id"], s["label_id"], float(s["score"])) for s in found["segments_info"]]
        best = sorted(segments, key=lambda segment: -segment[2])
        return masks(found["segmentation"].numpy(), best, config.id2label, size)

    return ImageModel(loaded, _FIELDS, answer, {"labels": labels_of(config), "subtasks": known})


def within(size: Size, pixels: int) -> Size:
    """The largest (height, width) of the same aspect ratio with at most `pixels` pixels."""
    height, width = size
    scale = min(1.0, (pixels / (height * width)) ** 0.5)
    return max(1, int(height * scale)), max(1, int(width * scale))


def masks(
    numbered: np.ndarray, segments: Sequence[tuple[int, int, float]], labels: Any, size: Size
) -> list[dict[str, object]]:
    """Masks of (id, label, score) from a segmentation map `[height, width]` of ids.

    Raises PayloadTooLarge.
    """
    check_masks(len(segments), size)
    return [
        {"score": score, "label": labels[label], "mask": mask_text(numbered == number, size)}
        for number, label, score in segments
    ]


def check_masks(count: int, size: Size) -> None:
    """Check the total size before encoding, which cannot be stopped. Raises PayloadTooLarge."""
    height, width = size
    if height * width * count > MAX_MASK_PIXELS:
        raise PayloadTooLarge(
            f"{count:,} masks of {height * width:,} pixels; at most {MAX_MASK_PIXELS:,} pixels of "
            "masks are written. Send a smaller image."
        )


def mask_text(where: np.ndarray, size: Size) -> str:
    """Resize bool `[height, width]` to `size` and encode it as PNG in base64: 255 is true."""
    image = Image.fromarray(where.astype(np.uint8) * 255)
    if where.shape != size:
        image = image.resize((size[1], size[0]), Image.Resampling.NEAREST)
    return png_text(image)
