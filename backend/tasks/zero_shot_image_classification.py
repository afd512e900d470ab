"""zero-shot-image-classification: scores for candidate labels of an image."""

import base64

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.images import unwrapped
from backend.tasks.labels import Labels, Template
from backend.tasks.samples import json_sample, png


class Parameters(RequestModel):
    """Candidate labels."""

    candidate_labels: Labels = Field(description="Candidate labels.")
    hypothesis_template: Template = Field(
        default="This is a photo of {}.",
        description="Template of the compared sentence; `{}` is replaced with the label.",
    )


class Request(RequestModel):
    """Images in base64 and candidate labels."""

    inputs: ImageInputs
    parameters: Parameters = Field(description="Labels, and the template for them.")


def sample(seed: int) -> Sample:
    """A small PNG and three labels."""
    image = base64.b64encode(png(seed)).decode()
    labels = ["a disc", "a bird", "a street at night"]
    return json_sample({"inputs": image, "parameters": {"candidate_labels": labels}})


TASK = Task(
    name="zero-shot-image-classification",
    title="Zero-shot image classification",
    summary="Classifies images with labels that you provide.",
    modality="vision",
    input="json",
    kinds=("AutoModelForZeroShotImageClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
    client_method="zero_shot_image_classification",
    reshape=unwrapped,
)
