"""image-to-text: a caption for an image, or the text in it (OCR)."""

from collections.abc import Mapping
from functools import partial

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.generation import Generated, Generation, generation_body
from backend.tasks.samples import media_sample, png


class Parameters(Generation):
    """Generation parameters."""

    prompt: str | None = Field(
        default=None,
        max_length=10_000,
        description="Prompt that the output continues, or the task token of a Donut model.",
    )


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject Pix2Struct models that render a question into the image."""
    if config.get("is_vqa"):
        return "This model reads its question in the image, for which Slipway has no font."
    return None


TASK = Task(
    name="image-to-text",
    title="Image to text",
    summary="Describes an image, or reads the text in it.",
    modality="multimodal",
    input="image",
    kinds=(
        "VisionEncoderDecoderModel",
        "BlipForConditionalGeneration",
        "GitForCausalLM",
        "Pix2StructForConditionalGeneration",
    ),
    parameters=Parameters,
    request=Request,
    response=list[Generated] | list[list[Generated]],
    sample=sample,
    unfit=unfit,
    reshape=partial(generation_body, Parameters),
    client_method="image_to_text",
)
