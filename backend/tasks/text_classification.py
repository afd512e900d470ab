"""text-classification: one or more labels for a text, or for a pair of texts."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.samples import json_sample, sentence


class TextPair(RequestModel):
    """Two texts that are classified together, for cross-encoders and NLI models."""

    text: str = Field(description="The first text.")
    text_pair: str = Field(description="The second text.")


class Parameters(RequestModel):
    """Number of labels and score function."""

    top_k: int | None = Field(
        default=None, ge=1, le=100_000, description="Number of labels to return; unset: all."
    )
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = Field(
        default=None,
        description="Function applied to the logits; unset: the one of the model's training.",
    )
    return_all_scores: bool | None = Field(
        default=None,
        description="Without top_k: true returns all labels, false only the best. Older name.",
    )
    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )
    max_length: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of tokens of a text; unset: the limit of the model.",
    )


class Request(RequestModel):
    """Texts to classify."""

    inputs: str | TextPair | list[str | TextPair] = Field(
        description="A text, a pair of texts, or a list of them.",
        examples=["I like you. I love you."],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A short opinion."""
    return json_sample({"inputs": sentence(seed)})


TASK = Task(
    name="text-classification",
    title="Text classification",
    summary="Classifies text: sentiment, topic, language, toxicity.",
    modality="nlp",
    input="json",
    aliases=("sentiment-analysis",),
    kinds=("AutoModelForSequenceClassification",),
    parameters=Parameters,
    request=Request,
    response=list[list[Label]],
    sample=sample,
    always_listed=True,
    client_method="text_classification",
)
