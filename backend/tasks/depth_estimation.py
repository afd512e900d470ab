"""depth-estimation: the depth of each pixel of an image."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """This task has no parameters."""


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="There are none.")


class Depth(ResponseModel):
    """A depth map [height, width] of the image's size, as a 16-bit PNG.

    The model's value at a pixel v is `min + v / 65535 * (max - min)`. The unit, and whether large
    values are near or far, depend on the model.
    """

    depth: str
    """A grayscale PNG in base64, 16 bits per pixel: 0 is `min`, 65535 is `max`."""
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
