"""image-feature-extraction: an embedding for an image."""

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.files import ImageInputs
from backend.tasks.samples import media_sample, png


class Parameters(RequestModel):
    """Pooling and normalization of the embedding."""

    pool: bool = Field(
        default=True,
        description="Return one embedding for an image; false: the last hidden states.",
    )
    normalize: bool = Field(default=False, description="Normalize the embedding to length one.")


class Request(RequestModel):
    """Images in base64; a single image may also be sent as the raw body."""

    inputs: ImageInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A small PNG."""
    return media_sample(png(seed), "image/png")


Embedding = list[float]

TASK = Task(
    name="image-feature-extraction",
    title="Image feature extraction",
    summary="Computes an embedding for an image, for search and comparison.",
    modality="vision",
    input="image",
    kinds=("ImageEncoder", "AutoModelForZeroShotImageClassification"),
    parameters=Parameters,
    request=Request,
    response=Embedding | list[Embedding] | list[list[Embedding]] | list[list[list[Embedding]]],
    sample=sample,
)
