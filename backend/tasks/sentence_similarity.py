"""sentence-similarity: similarity of sentences to a source sentence."""

from typing import Annotated

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.feature_extraction import KINDS
from backend.tasks.module_rules import embeds
from backend.tasks.samples import json_sample, sentence


class Comparison(RequestModel):
    """A source sentence, and the sentences to compare with it."""

    source_sentence: str = Field(
        min_length=1, description="Sentence that the others are compared with."
    )
    sentences: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1,
        max_length=1000,
        description="Sentences to compare, in the order of the response.",
    )


class Parameters(RequestModel):
    """Truncation of long sentences."""

    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )


class Request(RequestModel):
    """Sentences to compare."""

    inputs: Comparison | list[Comparison] = Field(
        description="A sentence with others to compare it with, or a list of such."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """One sentence and three others."""
    first, *others = (sentence(4 * seed + place) for place in range(4))
    return json_sample({"inputs": {"source_sentence": first, "sentences": others}})


TASK = Task(
    name="sentence-similarity",
    title="Sentence similarity",
    summary="Computes the similarity of sentences: the cosine, or the model's own function.",
    modality="nlp",
    input="json",
    kinds=KINDS,
    modules=embeds,
    parameters=Parameters,
    request=Request,
    response=list[float] | list[list[float]],
    sample=sample,
    client_method="sentence_similarity",
)
