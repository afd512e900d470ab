"""question-answering: extracts the answer to a question from a text."""

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, sentence


class Question(RequestModel):
    """A question and the context that contains the answer."""

    question: str = Field(min_length=1, max_length=100_000, description="Question.")
    context: str = Field(
        min_length=1, max_length=1_000_000, description="Text that contains the answer."
    )


class Parameters(RequestModel):
    """Number and length of answers, and windows of long texts."""

    top_k: int = Field(
        default=1, ge=1, le=1000, description="Number of answers; above 1 the response is a list."
    )
    max_answer_len: int = Field(
        default=15, ge=1, le=500, description="Maximum length of an answer, in tokens."
    )
    handle_impossible_answer: bool = Field(
        default=False, description="Allow an empty answer when the text has none."
    )
    align_to_words: bool = Field(
        default=True, description="Align answers to words; disable it for languages without spaces."
    )
    max_seq_len: int | None = Field(
        default=None,
        ge=8,
        le=1_000_000,
        description="Tokens that are read at once, the question included; unset: 384, or less "
        "where the model takes less.",
    )
    doc_stride: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="Overlap of windows in tokens; unset: 128, or half of the window.",
    )
    max_question_len: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Truncate the question to this number of tokens; unset: no truncation.",
    )


class Request(RequestModel):
    """Questions to answer."""

    inputs: Question | list[Question] = Field(
        description="A question with its text, or a list of them.",
        examples=[{"question": "Who found it?", "context": "Maria found the key."}],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Found(ResponseModel):
    """An answer and its position in the context, in characters."""

    score: float
    start: int = Field(description="Offset of the first character.")
    end: int = Field(description="Offset behind the last character.")
    answer: str


def sample(seed: int) -> Sample:
    """A sentence and a question about it."""
    context = sentence(seed, "{who} found the {what} in {where} {how} on {when}.")
    return json_sample({"inputs": {"question": "Where was it?", "context": context}})


TASK = Task(
    name="question-answering",
    title="Question answering",
    summary="Finds the answer to a question in a text.",
    modality="nlp",
    input="json",
    kinds=("AutoModelForQuestionAnswering",),
    parameters=Parameters,
    request=Request,
    response=Found | list[Found] | list[Found | list[Found]],
    sample=sample,
    client_method="question_answering",
)
