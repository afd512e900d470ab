"""zero-shot-object-detection: bounding boxes for objects named in the request."""

import base64

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.images import unwrapped
from backend.tasks.labels import Labels
from backend.tasks.object_detection import Detection
from backend.tasks.samples import json_sample, png


class Parameters(RequestModel):
    """Candidate labels, and threshold of detections."""

    candidate_labels: Labels = Field(description="Labels to detect.")
    threshold: float = Field(default=0.1, ge=0, le=1, description="Minimum score of a detection.")
    top_k: int | None = Field(
        default=None, ge=1, le=100_000, description="Number of detections to return; unset: all."
    )


class Request(RequestModel):
    """Images in base64, and candidate labels."""

    inputs: ImageInputs
    parameters: Parameters = Field(description="Labels, and the detections to return.")


def sample(seed: int) -> Sample:
    """A small PNG and two labels."""
    image = base64.b64encode(png(seed)).decode()
    labels = ["a disc", "a bird"]
    return json_sample({"inputs": image, "parameters": {"candidate_labels": labels}})


TASK = Task(
    name="zero-shot-object-detection",
    title="Zero-shot object detection",
    summary="Detects objects that you name in an image, with a box for each.",
    modality="vision",
    input="json",
    kinds=(
        "OwlViTForObjectDetection",
        "Owlv2ForObjectDetection",
        "GroundingDinoForObjectDetection",
        "MMGroundingDinoForObjectDetection",
    ),
    parameters=Parameters,
    request=Request,
    response=list[Detection] | list[list[Detection]],
    sample=sample,
    reshape=unwrapped,
    may_find_nothing=True,
)
