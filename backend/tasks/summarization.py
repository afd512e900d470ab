"""summarization: a summary of a text."""

from functools import partial

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.generation import generation_body
from backend.tasks.samples import json_sample, sentence
from backend.tasks.seq2seq import KINDS, Parameters, several, unfit


class Request(RequestModel):
    """Texts to summarize."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.",
        examples=["The tower is 324 metres tall, about the same height as an 81-storey building."],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Summary(ResponseModel):
    """One summary."""

    summary_text: str


def sample(seed: int) -> Sample:
    """Two sentences, with a low limit of tokens."""
    text = " ".join(sentence(seed + i) for i in range(2))
    return json_sample(
        {"inputs": text, "parameters": {"generate_parameters": {"max_new_tokens": 24}}}
    )


TASK = Task(
    name="summarization",
    title="Summarization",
    summary="Summarizes text.",
    modality="nlp",
    input="json",
    kinds=KINDS,
    parameters=Parameters,
    request=Request,
    response=list[Summary] | list[list[Summary]],
    sample=sample,
    client_method="summarization",
    always_listed=True,
    makes_list=several,
    reshape=partial(generation_body, Parameters),
    unfit=unfit,
)
