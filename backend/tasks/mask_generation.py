"""mask-generation: a mask for each object in an image, without classes."""

from typing import Annotated, Literal

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png

Coordinate = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
Box = Annotated[list[Coordinate], Field(min_length=4, max_length=4)]
Points = Annotated[list[Point], Field(min_length=1, max_length=100)]
Labels = Annotated[list[Literal[0, 1]], Field(min_length=1, max_length=100)]
_MOST_OBJECTS = 32


class Parameters(RequestModel):
    """Prompts; or without them a grid of points, thresholds and non-maximum suppression (NMS)."""

    points: list[Points] | None = Field(
        default=None, min_length=1, max_length=_MOST_OBJECTS,
        description="Points of each object, `[x, y]` in pixels of the image: `[[[120, 80]]]`.",
    )  # fmt: skip
    labels: list[Labels] | None = Field(
        default=None, min_length=1, max_length=_MOST_OBJECTS,
        description="For each of `points`: 1 inside the object, 0 outside of it. Default: 1.",
    )  # fmt: skip
    boxes: list[Box] | None = Field(
        default=None, min_length=1, max_length=_MOST_OBJECTS,
        description="A box for each object, `[left, top, right, bottom]` in pixels of the image; "
        "with `points`, both are prompts of the same objects.",
    )  # fmt: skip
    multimask_output: bool = Field(
        default=True,
        description="Return three masks for each prompted object, best first; false: one. Several "
        "masks help where a single point is ambiguous.",
    )
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
    """The mask of one object, with the IoU that the model predicts for it as score.

    `object` is the index of the prompted object, only with prompts.
    """

    object: int | None = None
    score: float
    mask: str
    """A PNG in base64, of the image's size: 255 inside the object, 0 elsewhere."""


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="mask-generation",
    title="Mask generation",
    summary="Segments every object in an image, or those at given points and boxes.",
    modality="vision",
    input="image",
    kinds=("AutoModelForMaskGeneration",),
    parameters=Parameters,
    request=Request,
    response=list[Mask] | list[list[Mask]],
    sample=sample,
    may_find_nothing=True,
)
