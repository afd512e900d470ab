"""fill-mask: the most likely words for a mask token."""

from typing import Annotated

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, sentence


class Parameters(RequestModel):
    """Number of words, and candidates to consider."""

    top_k: int = Field(default=5, ge=1, le=1000, description="Number of predictions for each mask.")
    targets: list[Annotated[str, Field(min_length=1, max_length=200)]] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Restrict the predictions to these words.",
    )
    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )


class Filled(ResponseModel):
    """A word for the mask token."""

    score: float
    token: int
    token_str: str
    sequence: str


class Request(RequestModel):
    """Texts with mask tokens."""

    inputs: str | list[str] = Field(
        description="Text with the mask token; `[MASK]` and `<mask>` are both accepted.",
        examples=["The capital of France is [MASK]."],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A sentence with one mask token."""
    return json_sample(
        {"inputs": sentence(seed, "{who} thought that the {what} in {where} was [MASK].")}
    )


TASK = Task(
    name="fill-mask",
    title="Fill in the gap",
    summary="Predicts the masked words of a text.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForMaskedLM",),
    parameters=Parameters,
    request=Request,
    response=list[Filled] | list[list[Filled]] | list[list[list[Filled]]],
    sample=sample,
    client_method="fill_mask",
)
