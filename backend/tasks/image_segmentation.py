"""image-segmentation: a mask for each object or class in an image."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """Type of segmentation, and thresholds."""

    subtask: Literal["panoptic", "instance", "semantic"] | None = Field(
        default=None,
        description="Kind of segmentation; unset: the first one that the model supports.",
    )
    threshold: float = Field(
        default=0.9, ge=0, le=1,
        description="Minimum score of a segment; semantic classes have no score.",
    )  # fmt: skip
    mask_threshold: float = Field(
        default=0.5, ge=0, le=1, description="Threshold of the mask probability of a pixel."
    )
    overlap_mask_area_threshold: float = Field(
        default=0.5, ge=0, le=1,
        description="Minimum share of a mask that other masks leave visible.",
    )  # fmt: skip


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Segment(Label):
    """One mask. The score is 1 in semantic segmentation, where each pixel has one class."""

    mask: str
    """A PNG in base64, of the image's size: 255 inside the segment, 0 elsewhere."""


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="image-segmentation",
    title="Image segmentation",
    summary="Divides an image into objects or classes.",
    modality="vision",
    input="image",
    kinds=(
        "AutoModelForSemanticSegmentation",
        "AutoModelForInstanceSegmentation",
        "AutoModelForUniversalSegmentation",
        "AutoModelForImageSegmentation",
    ),
    parameters=Parameters,
    request=Request,
    response=list[Segment] | list[list[Segment]],
    sample=sample,
    may_find_nothing=True,
    client_method="image_segmentation",
)
