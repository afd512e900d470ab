"""image-to-image: an image made larger and sharper."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """There is nothing to choose: how much larger is the model's own."""


class Request(RequestModel):
    """Images in base64; an image alone can be the body itself."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="There are none.")


class Packed(ResponseModel):
    """One of several answers; a single one is the PNG itself."""

    blob: str
    """The file in base64."""
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
