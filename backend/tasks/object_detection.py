"""object-detection: bounding boxes with labels for the objects in an image."""

from pydantic import Field

from backend.tasks.base import Label, RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """Threshold of detections."""

    threshold: float = Field(default=0.5, ge=0, le=1, description="Minimum score of a detection.")


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Box(ResponseModel):
    """Corners in pixels, from the upper left corner of the image."""

    xmin: int
    ymin: int
    xmax: int
    ymax: int


class Detection(Label):
    """A detected object."""

    box: Box


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="object-detection",
    title="Object detection",
    summary="Detects objects in an image, with a box for each.",
    modality="vision",
    input="image",
    kinds=("AutoModelForObjectDetection",),
    parameters=Parameters,
    request=Request,
    response=list[Detection] | list[list[Detection]],
    sample=sample,
    may_find_nothing=True,
    client_method="object_detection",
)
