"""document-question-answering: extracts or generates the answer to a question about a document."""

import base64
from collections.abc import Mapping
from typing import Annotated, cast

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import IMAGE
from backend.tasks.samples import json_sample, png, sentence

NAME = "document-question-answering"
# Architectures that read recognised words start with one of these.
WITH_WORDS = ("LayoutLM",)
# A word and its box, as a list, since JSON has no tuples.
WordBox = Annotated[list[str | list[float]], Field(min_length=2, max_length=2)]
_BOXES = (
    "Words of the document in reading order, each as [word, [left, top, right, bottom]] in "
    "thousandths of the image, for LayoutLM models; unset: the server recognises them."
)


class Question(RequestModel):
    """A document image and a question about it."""

    image: str = Field(description=f"{IMAGE}.")
    question: str = Field(min_length=1, max_length=100_000, description="Question.")
    word_boxes: list[WordBox] | None = Field(default=None, max_length=100_000, description=_BOXES)


class Parameters(RequestModel):
    """Number and length of answers, and windows of long documents."""

    top_k: int = Field(
        default=1, ge=1, le=1000, description="Number of answers; generative models return one."
    )
    max_answer_len: int = Field(
        default=15, ge=1, le=500, description="Maximum length of an extracted answer, in tokens."
    )
    handle_impossible_answer: bool = Field(
        default=False, description="Allow an empty answer when the document has none."
    )
    max_seq_len: int | None = Field(
        default=None,
        ge=8,
        le=1_000_000,
        description="Window size in tokens, with the question; unset: the model's maximum.",
    )
    doc_stride: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="Overlap of windows in tokens; unset: 256, or half of the window.",
    )
    word_boxes: list[WordBox] | None = Field(
        default=None, max_length=100_000, description="As in inputs; applies to all of them."
    )
    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of generated tokens; unset: 256.",
    )


class Request(RequestModel):
    """Questions about documents."""

    inputs: Question | list[Question] = Field(
        description="A document with a question, or a list of them."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Found(ResponseModel):
    """An answer, with the indices of its first and last word if it was extracted."""

    answer: str
    score: float
    start: int | None = Field(description="Index of the first word.")
    end: int | None = Field(description="Index of the last word.")


def sample(seed: int) -> Sample:
    """A small image, with the words of a sentence as its text."""
    words = sentence(seed).split()
    boxes = [[word, [i * 80, 100, i * 80 + 70, 130]] for i, word in enumerate(words)]
    image = base64.b64encode(png(seed)).decode()
    question = {
        "image": f"data:image/png;base64,{image}",
        "question": "Where was it found?",
        "word_boxes": boxes,
    }
    return json_sample({"inputs": question, "parameters": {"max_new_tokens": 16}})


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject encoder-decoder models other than Donut."""
    encoder = config.get("encoder")
    if not isinstance(encoder, dict):
        return None
    kind = cast("Mapping[str, object]", encoder).get("model_type")
    if kind == "donut-swin":
        return None
    return f"Document question answering needs a Donut model; the encoder of this one is {kind}."


TASK = Task(
    name=NAME,
    title="Document question answering",
    summary="Answers a question about a scanned page.",
    modality="multimodal",
    input="json",
    kinds=(
        "LayoutLMForQuestionAnswering",
        "LayoutLMv3ForQuestionAnswering",
        "VisionEncoderDecoderModel",
    ),
    parameters=Parameters,
    request=Request,
    response=list[Found] | list[list[Found]],
    sample=sample,
    unfit=unfit,
    client_method="document_question_answering",
)
