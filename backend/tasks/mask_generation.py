"""mask-generation: a mask for each object in an image, without classes."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """Grid of points, thresholds, and non-maximum suppression (NMS)."""

    points_per_crop: int = Field(
        default=32, ge=1, le=64,
        description="Number of points on each side of the grid of prompts.",
    )  # fmt: skip
    pred_iou_thresh: float = Field(
        default=0.88, ge=0, le=1,
        description="Minimum predicted IoU of a mask; 0: off.",
    )  # fmt: skip
    stability_score_thresh: float = Field(
        default=0.95, ge=0, le=1,
        description="Minimum stability score of a mask; 0: off.",
    )  # fmt: skip
    stability_score_offset: float = Field(
        default=1, ge=0, le=100, description="Offset of the mask threshold for the stability score."
    )
    mask_threshold: float = Field(
        default=0, ge=-100, le=100, description="Threshold of the mask logits."
    )
    crops_nms_thresh: float = Field(
        default=0.7, ge=0, le=1,
        description="IoU threshold of non-maximum suppression.",
    )  # fmt: skip


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Mask(ResponseModel):
    """The mask of one object, with the IoU that the model predicts for it as score."""

    score: float
    mask: str
    """A PNG in base64, of the image's size: 255 inside the object, 0 elsewhere."""


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="mask-generation",
    title="Mask generation",
    summary="Segments every object in an image, without labels.",
    modality="vision",
    input="image",
    kinds=("AutoModelForMaskGeneration",),
    parameters=Parameters,
    request=Request,
    response=list[Mask] | list[list[Mask]],
    sample=sample,
    may_find_nothing=True,
)
