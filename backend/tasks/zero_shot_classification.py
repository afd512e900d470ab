"""zero-shot-classification: scores for candidate labels, from an NLI model."""

from collections.abc import Mapping
from typing import cast

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.labels import Labels, Template
from backend.tasks.samples import json_sample, sentence


class Parameters(RequestModel):
    """Candidate labels, and the template of their hypotheses."""

    candidate_labels: Labels = Field(description="Candidate labels.")
    hypothesis_template: Template = Field(
        default="This example is {}.",
        description="Template of the hypothesis; `{}` is replaced with the label.",
    )
    multi_label: bool = Field(
        default=False, description="Score each label independently: several may be true, or none."
    )
    truncation: bool = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )


class Request(RequestModel):
    """Texts to classify."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.",
        examples=["The new phone has a brilliant screen."],
    )
    parameters: Parameters = Field(description="`candidate_labels` is required.")


def entailment_of(config: Mapping[str, object]) -> int | None:
    """Index of the entailment label, or None."""
    numbers = cast("dict[str, int]", config.get("label2id") or {})
    names = cast("dict[object, str]", config.get("id2label") or {})
    labels = [*numbers.items(), *((str(name), int(str(n))) for n, name in names.items())]
    return next((n for name, n in labels if name.lower().startswith("entail")), None)


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject models without an entailment label, which cannot score a hypothesis."""
    if entailment_of(config) is not None:
        return None
    return (
        "Zero-shot classification needs a model of natural language inference: none of this "
        "model's labels is called entailment."
    )


def sample(seed: int) -> Sample:
    """A sentence and three topics."""
    labels = ["travel", "culture", "food"]
    return json_sample({"inputs": sentence(seed), "parameters": {"candidate_labels": labels}})


TASK = Task(
    name="zero-shot-classification",
    title="Zero-shot classification",
    summary="Classifies text with labels that you provide.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForSequenceClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
    client_method="zero_shot_classification",
    unfit=unfit,
)
