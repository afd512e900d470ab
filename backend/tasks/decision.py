"""decision: typed questions about a state; returns a probability for each option."""

from typing import Annotated, Literal

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, sentence

Content = str | dict[str, object] | list[object]
Name = Annotated[str, Field(min_length=1, max_length=200)]
_INSTRUCTIONS = "What is asked; a text, or any JSON."


class YesNo(RequestModel):
    """A yes-or-no question."""

    type: Literal["noul"] = Field(description="`noul`: true, false, or how sure of it.")
    instructions: Content | None = Field(default=None, description=_INSTRUCTIONS)
    criteria: dict[Literal["true", "false"], Content | None] | None = Field(
        default=None, description="Meanings of true and false."
    )


class Choice(RequestModel):
    """A multiple-choice question with named options."""

    type: Literal["choice"] = Field(description="`choice`: one of several.")
    instructions: Content | None = Field(default=None, description=_INSTRUCTIONS)
    criteria: dict[Name, Content | None] = Field(
        min_length=1, max_length=256, description="Options by name, each with a description."
    )


class Score(RequestModel):
    """A question with ordered levels."""

    type: Literal["score"] = Field(description="`score`: how much.")
    instructions: Content | None = Field(default=None, description=_INSTRUCTIONS)
    criteria: list[Content] = Field(
        min_length=1, max_length=256, description="Descriptions of the levels, lowest first."
    )


class DecisionInput(RequestModel):
    """A state and questions about it."""

    state: Content = Field(description="Input state: a text, or any JSON. No images.")
    questions: dict[Name, Annotated[YesNo | Choice | Score, Field(discriminator="type")]] = Field(
        min_length=1, max_length=64, description="Questions by name."
    )


class Parameters(RequestModel):
    """This task has no parameters."""


class Request(RequestModel):
    """Questions about states."""

    inputs: DecisionInput | list[DecisionInput] = Field(
        description="A state with its questions, or a list."
    )
    parameters: Parameters = Field(default=Parameters(), description="There are none.")


class IsTrue(ResponseModel):
    """Probability that it is true, 0 to 1."""

    type: Literal["noul"]
    noul: float


class Chosen(ResponseModel):
    """The most likely option; `confidence` is 0 if all are equally likely, 1 if one is certain."""

    type: Literal["choice"]
    choice: str
    confidence: float
    probabilities: dict[str, float]


class Scored(ResponseModel):
    """The expected level, counted from 0; `legend` describes the levels."""

    type: Literal["score"]
    score: float
    legend: dict[str, Content]
    confidence: float
    probabilities: dict[str, float]


Answers = dict[str, Annotated[IsTrue | Chosen | Scored, Field(discriminator="type")]]


def sample(seed: int) -> Sample:
    """A sentence and three questions about it."""
    mood = {"happy": "Would do it again.", "angry": "Wants money back.", "calm": None}
    questions = {
        "again": {"type": "noul", "instructions": "Will they go again?"},
        "mood": {"type": "choice", "instructions": "How do they feel?", "criteria": mood},
        "stars": {
            "type": "score",
            "instructions": "How good?",
            "criteria": ["Bad", "Fair", "Good"],
        },
    }
    return json_sample({"inputs": {"state": sentence(seed), "questions": questions}})


TASK = Task(
    name="decision",
    title="Decision",
    summary="Answers typed questions about a state, with a probability for each option.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForDecision", "AutoModelForCausalLM"),
    parameters=Parameters,
    request=Request,
    response=Answers | list[Answers],
    sample=sample,
)
