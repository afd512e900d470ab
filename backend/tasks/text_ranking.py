"""text-ranking: ranks texts by their relevance to a query."""

from collections.abc import Mapping, Sized
from typing import Annotated, Literal, cast

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.module_rules import scores
from backend.tasks.samples import json_sample, sentence


class Candidates(RequestModel):
    """A query and the texts to rank."""

    query: str = Field(min_length=1, description="Search query.")
    texts: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1, max_length=1000, description="Texts to rank."
    )


class Parameters(RequestModel):
    """Score function, and fields of the response."""

    top_k: int | None = Field(
        default=None, ge=1, le=1000, description="Number of texts to return; unset: all."
    )
    return_text: bool = Field(default=False, description="Return the texts.")
    function_to_apply: Literal["sigmoid", "none"] | None = Field(
        default=None,
        description="Function applied to the logits; unset: the one of the model's training.",
    )
    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )


class Ranked(ResponseModel):
    """The score of one text, with its index in the request."""

    index: int
    score: float
    text: str | None = None


class Request(RequestModel):
    """Texts to rank."""

    inputs: Candidates | list[Candidates] = Field(
        description="A query with texts, or a list of such."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A query and three sentences."""
    texts = [sentence(4 * seed + n, "The {what} in {where} was {how} on {when}.") for n in range(3)]
    query = sentence(4 * seed + 3, "{how} {what}")
    return json_sample({"inputs": {"query": query, "texts": texts}})


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject models with more than one label: they are classifiers."""
    labels = config.get("id2label")
    count = len(cast("Sized", labels)) if isinstance(labels, dict) else config.get("num_labels", 2)
    return (
        None if count == 1 else f"Text ranking needs a model with one label; this one has {count}."
    )


TASK = Task(
    name="text-ranking",
    title="Text ranking",
    summary="Ranks texts by relevance to a query, reading each together with the query.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForSequenceClassification",),
    modules=scores,
    unfit=unfit,
    parameters=Parameters,
    request=Request,
    response=list[Ranked] | list[list[Ranked]],
    sample=sample,
)
