"""image-to-image: an upscaled image (super-resolution), or one changed by a diffusion model."""

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.diffusion import Diffusion
from backend.tasks.files import ImageInputs
from backend.tasks.images import PackedImage
from backend.tasks.samples import media_sample, png


class TargetSize(RequestModel):
    """Size of the new image, in pixels."""

    width: int = Field(ge=64, le=4096, multiple_of=8, description="Width in pixels.")
    height: int = Field(ge=64, le=4096, multiple_of=8, description="Height in pixels.")


class Parameters(Diffusion):
    """Settings of a diffusion model. A super-resolution model has no parameters."""

    prompt: str | None = Field(
        default=None, max_length=10_000, description="What the new image should show."
    )
    strength: float | None = Field(
        default=None, gt=0, le=1,
        description="How much the image changes; null: the model's default.",
    )  # fmt: skip
    target_size: TargetSize | None = Field(
        default=None, description="Size of the new image; null: as the image that was sent."
    )
    mask_image: str | None = Field(
        default=None, max_length=16_000_000,
        description="Image in base64 or as a `data:` URL, white where the image may change "
        "(inpainting).",
    )  # fmt: skip


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")
    stream: bool = Field(
        default=False, description="Report each step of a diffusion model, then the image."
    )


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="image-to-image",
    title="Image to image",
    summary="Enlarges an image, or changes it as a prompt describes.",
    modality="vision",
    input="image",
    output="image",
    kinds=("AutoModelForImageToImage", "ImageToImagePipeline", "InpaintPipeline"),
    parameters=Parameters,
    request=Request,
    response=list[PackedImage],
    sample=sample,
    can_stream=True,
    client_method="image_to_image",
)
