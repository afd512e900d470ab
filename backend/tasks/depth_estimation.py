"""depth-estimation: how far away each pixel of an image is."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """There is nothing to choose."""


class Request(RequestModel):
    """Images in base64; an image alone can be the body itself."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="There are none.")


class Depth(ResponseModel):
    """A map of the image's size. The model's number at a pixel of value v is
    `min + v / 65535 * (max - min)`; its unit, and whether large is near or far, is the model's."""

    depth: str
    """A grey PNG in base64, 16 bits a pixel: 0 is `min`, 65535 is `max`."""
    min: float
    max: float
    width: int
    height: int


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="depth-estimation",
    title="Depth estimation",
    summary="Estimates the distance of each pixel of an image.",
    modality="vision",
    input="image",
    kinds=("AutoModelForDepthEstimation",),
    parameters=Parameters,
    request=Request,
    response=Depth | list[Depth],
    sample=sample,
)
