"""token-classification: entities in a text, such as persons and places."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, sentence


class Parameters(RequestModel):
    """Aggregation of tokens to entities."""

    aggregation_strategy: Literal["none", "simple", "first", "average", "max"] = Field(
        default="simple",
        description="Aggregation of tokens to entities; `none` returns each token.",
    )
    ignore_labels: list[str] = Field(default=["O"], max_length=1000, description="Labels to omit.")
    stride: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Process a long text in windows with this overlap, in tokens.",
    )
    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )


class Entity(ResponseModel):
    """One entity; `entity` in place of `entity_group` without aggregation."""

    entity_group: str | None = None
    entity: str | None = None
    score: float
    word: str
    start: int | None = Field(description="Offset of the first character.")
    end: int | None = Field(description="Offset behind the last character.")
    index: int | None = Field(default=None, description="Index of the token, without aggregation.")


class Request(RequestModel):
    """Texts to tag."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.",
        examples=["My name is Sarah Jessica Parker but you can call me Jessica"],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A sentence with a person and a place."""
    return json_sample({"inputs": sentence(seed, "{who} moved to {where} and opened a {what}.")})


TASK = Task(
    name="token-classification",
    title="Token classification",
    summary="Finds names, places and other entities in text.",
    modality="nlp",
    input="json",
    aliases=("ner",),
    kinds=("AutoModelForTokenClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Entity] | list[list[Entity]],
    sample=sample,
    may_find_nothing=True,
    client_method="token_classification",
)
