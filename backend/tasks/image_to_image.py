"""image-to-image: an upscaled image (super-resolution)."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """This task has no parameters: the model determines the scale."""


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="There are none.")


class Packed(ResponseModel):
    """One of several images; the response to a single input is the PNG itself."""

    blob: str
    """The PNG in base64."""
    content_type: str = Field(alias="content-type")


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="image-to-image",
    title="Image to image",
    summary="Enlarges and sharpens an image.",
    modality="vision",
    input="image",
    output="image",
    kinds=("AutoModelForImageToImage",),
    parameters=Parameters,
    request=Request,
    response=list[Packed],
    sample=sample,
    client_method="image_to_image",
)
