"""feature-extraction: a vector for each text. Its parameters lie at the root of the body."""

from typing import Literal

from pydantic import Field

from backend.tasks import layers
from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.samples import json_sample, sentence

KINDS = ("TextEncoder", "AutoModelForMaskedLM", "AutoModelForCausalLM")


class Parameters(RequestModel):
    """How the vector is made."""

    normalize: bool | None = Field(
        default=None, description="Vectors of length one; unset: as the model's own files say."
    )
    truncate: bool = Field(
        default=False, description="Cut a text that is too long instead of refusing it."
    )
    max_length: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Tokens of a text at most, with `truncate`; unset: what the model takes.",
    )
    truncation_direction: Literal["left", "right"] | None = Field(
        default=None, description="The end that is cut; unset: right."
    )
    prompt_name: str | None = Field(
        default=None,
        max_length=200,
        description="Name of one of the model's prompts, put before the text.",
    )
    dimensions: int | None = Field(
        default=None, ge=1, le=65_536, description="Keep the first so many numbers of each vector."
    )
    encoding_format: Literal["float", "base64"] | None = Field(
        default=None, description="Taken for compatibility; the answer is always numbers."
    )


class Request(Parameters):
    """Texts to embed."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.", examples=["Today is a sunny day."]
    )


def sample(seed: int) -> Sample:
    """A sentence."""
    return json_sample({"inputs": sentence(seed)})


TASK = Task(
    name="feature-extraction",
    title="Embeddings",
    summary="Computes an embedding for each text, for search and comparison.",
    modality="nlp",
    input="json",
    aliases=("sentence-embeddings",),
    kinds=KINDS,
    layers=layers.EMBEDDING_LAYERS,
    parameters=Parameters,
    request=Request,
    response=list[list[float]],
    sample=sample,
    always_listed=True,
    parameters_at_root=True,
    client_method="feature_extraction",
)
