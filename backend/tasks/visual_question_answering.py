"""visual-question-answering: short answers to questions about an image."""

import base64

from pydantic import Field

from backend.tasks.base import Json, RequestModel, ResponseModel, Sample, Task
from backend.tasks.files import IMAGE
from backend.tasks.samples import json_sample, png, sentence


class Question(RequestModel):
    """An image and a question about it."""

    image: str = Field(description=f"{IMAGE}.")
    question: str = Field(min_length=1, max_length=100_000, description="Question.")


class Parameters(RequestModel):
    """Number of answers, and maximum length of generated ones."""

    top_k: int = Field(
        default=5, ge=1, le=100_000, description="Number of answers; generative models return one."
    )
    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of generated tokens; unset: 20.",
    )


class Request(RequestModel):
    """Questions about images."""

    inputs: Question | list[Question] = Field(
        description="An image with a question, or a list of them."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Answer(ResponseModel):
    """An answer and its score."""

    answer: str
    score: float


def reshape(body: Json) -> Json:
    """Convert the format of the Hub's Python client: the image twice, the question at the root."""
    if "question" not in body:
        return body
    question, image = body.pop("question"), body.pop("image", None)
    image = body["inputs"] if image is None and "inputs" in body else image
    return {**body, "inputs": {"image": image, "question": question}}


def sample(seed: int) -> Sample:
    """A small image and a question."""
    image = base64.b64encode(png(seed)).decode()
    question = sentence(seed, "Would {who} call it {how}?")
    return json_sample(
        {"inputs": {"image": f"data:image/png;base64,{image}", "question": question}}
    )


TASK = Task(
    name="visual-question-answering",
    title="Visual question answering",
    summary="Answers questions about an image in one or two words.",
    modality="multimodal",
    input="json",
    aliases=("vqa",),
    kinds=("ViltForQuestionAnswering", "BlipForQuestionAnswering"),
    parameters=Parameters,
    request=Request,
    response=list[Answer] | list[list[Answer]],
    sample=sample,
    client_method="visual_question_answering",
    reshape=reshape,
)
