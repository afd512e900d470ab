"""image-classification: labels for an image, sent as a raw body or in base64."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """Number of labels and score function."""

    top_k: int = Field(default=5, ge=1, le=100_000, description="Number of labels to return.")
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = Field(
        default=None,
        description="Function applied to the logits; unset: the one of the model's training.",
    )


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


TASK = Task(
    name="image-classification",
    title="Image classification",
    summary="Classifies images.",
    modality="vision",
    input="image",
    kinds=("AutoModelForImageClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
    client_method="image_classification",
)
