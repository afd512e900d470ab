"""feature-extraction: an embedding for each text. Its parameters are at the root of the body."""

from typing import Annotated, Literal

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.module_rules import embeds
from backend.tasks.samples import json_sample, sentence

EmbeddingType = Literal["float", "int8", "uint8", "binary", "ubinary"]
Limits = Annotated[list[float], Field(min_length=1, max_length=65_536)]
KINDS = ("TextEncoder", "AutoModelForMaskedLM", "AutoModelForCausalLM")


class Parameters(RequestModel):
    """Normalization, truncation, prompt and dimensions of the embedding."""

    normalize: bool | None = Field(
        default=None,
        description="Normalize the embedding to length one; unset: as configured in the model.",
    )
    truncate: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )
    max_length: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of tokens with `truncate`; unset: the model's maximum.",
    )
    truncation_direction: Literal["left", "right"] | None = Field(
        default=None, description="Side that is truncated; unset: right."
    )
    prompt_name: str | None = Field(
        default=None,
        max_length=200,
        description="Name of a prompt of the model, which is put before the text.",
    )
    input_type: str | None = Field(
        default=None,
        max_length=200,
        description="What the text is: `query` or `document`, or another name that the model "
        "has a route for. Selects the prompt and, in models with a Router, the modules.",
    )
    dimensions: int | None = Field(
        default=None, ge=1, le=65_536, description="Number of dimensions to keep."
    )
    embedding_type: EmbeddingType | None = Field(
        default=None,
        description="int8 and uint8 have one byte for each dimension, binary and ubinary one bit, "
        "with eight dimensions in a number. Unset: float.",
    )
    ranges: Annotated[list[Limits], Field(min_length=2, max_length=2)] | None = Field(
        default=None,
        description="For int8 and uint8: the smallest and the largest values of all dimensions, "
        "two lists. Unset: -1 and 1, for normalized embeddings.",
    )
    encoding_format: Literal["float", "base64"] | None = Field(
        default=None, description="Accepted for compatibility; the response always has numbers."
    )


class TokenParameters(Parameters):
    """Requests an embedding for each token, the last hidden states, in place of one for the text.

    Not part of `/predict`; for protocols with a route for it.
    """


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
    modules=embeds,
    parameters=Parameters,
    request=Request,
    response=list[list[float]],
    sample=sample,
    always_listed=True,
    parameters_at_root=True,
    client_method="feature_extraction",
)
