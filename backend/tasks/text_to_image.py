"""text-to-image: an image from a description."""

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.diffusion import Diffusion
from backend.tasks.images import PackedImage
from backend.tasks.samples import json_sample, sentence


class Parameters(Diffusion):
    """Settings of the pipeline, and the size of the image."""

    width: int | None = Field(
        default=None, ge=64, le=4096, multiple_of=8,
        description="Width in pixels; null: the model's default.",
    )  # fmt: skip
    height: int | None = Field(
        default=None, ge=64, le=4096, multiple_of=8,
        description="Height in pixels; null: the model's default.",
    )  # fmt: skip


class Request(RequestModel):
    """Descriptions of images."""

    inputs: str | list[str] = Field(
        description="A description, or a list of them.", examples=["A lighthouse at sunset."]
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")
    stream: bool = Field(
        default=False, description="Report each step as a server-sent event, then the image."
    )


def sample(seed: int) -> Sample:
    """A small image in few steps, so that it takes seconds on a CPU."""
    prompt = sentence(seed, "A watercolor of a {what} in {where}, {how} light.")
    parameters = {"num_inference_steps": 4, "width": 256, "height": 256, "seed": 0}
    return json_sample({"inputs": prompt, "parameters": parameters})


TASK = Task(
    name="text-to-image",
    title="Text to image",
    summary="Generates an image from a description.",
    modality="vision",
    input="json",
    output="image",
    kinds=("TextToImagePipeline",),
    parameters=Parameters,
    request=Request,
    response=list[PackedImage],
    sample=sample,
    can_stream=True,
    client_method="text_to_image",
)
