"""text2text-generation: the output of an encoder-decoder model for a text."""

from functools import partial

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.generation import generation_body
from backend.tasks.samples import json_sample, sentence
from backend.tasks.seq2seq import KINDS, Parameters, several, unfit


class Request(RequestModel):
    """Input texts."""

    inputs: str | list[str] = Field(
        description="A text with the instruction that the model knows, or a list of them.",
        examples=["question: Where is the museum? context: The museum is in Kyoto."],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Generated(ResponseModel):
    """One generated text."""

    generated_text: str


def sample(seed: int) -> Sample:
    """A question with a context that contains the answer."""
    text = sentence(seed, "question: Where? context: {who} found the {what} in {where} {how}.")
    return json_sample(
        {"inputs": text, "parameters": {"generate_parameters": {"max_new_tokens": 24}}}
    )


TASK = Task(
    name="text2text-generation",
    title="Text to text",
    summary="Rewrites text according to the instruction in it.",
    modality="nlp",
    input="json",
    kinds=KINDS,
    parameters=Parameters,
    request=Request,
    response=list[Generated] | list[list[Generated]],
    sample=sample,
    always_listed=True,
    makes_list=several,
    reshape=partial(generation_body, Parameters),
    unfit=unfit,
)
