"""text-generation: completes a text, or a conversation if the model has a chat template."""

from functools import partial
from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.generation import Generated, Generation, generation_body
from backend.tasks.generation_fields import EncoderFields
from backend.tasks.samples import json_sample, sentence


class Parameters(EncoderFields, Generation):
    """Generation parameters."""

    truncate: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Truncate the prompt to its last tokens.",
    )
    guidance_scale: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Weight of the prompt, by a second pass without it. 1: off.",
    )
    best_of: Literal[1] | None = Field(default=None, description="Only 1 is supported.")
    watermark: Literal[False] | None = Field(default=None, description="Must be false.")
    decoder_input_details: Literal[False] | None = Field(default=None, description="Must be false.")


class Message(RequestModel):
    """One message of a conversation."""

    role: str = Field(min_length=1, max_length=64, description="`system`, `user` or `assistant`.")
    content: str = Field(description="Text of the message.")


class Request(RequestModel):
    """A prompt, several prompts, or the messages of a conversation."""

    inputs: str | list[str] | list[Message] = Field(
        description="A text, a list of texts, or chat messages where the model has a template.",
        examples=["Once upon a time"],
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")
    stream: bool = Field(
        default=False, description="Stream the response token by token as server-sent events."
    )


def sample(seed: int) -> Sample:
    """The beginning of a story, with a low limit of tokens."""
    prompt = sentence(seed, "Once upon a time {who} went to the {what} in {where}")
    return json_sample({"inputs": prompt, "parameters": {"max_new_tokens": 16}})


TASK = Task(
    name="text-generation",
    title="Text generation",
    summary="Continues a text, or responds in a conversation.",
    modality="nlp",
    input="json",
    aliases=("conversational",),
    kinds=("AutoModelForCausalLM",),
    parameters=Parameters,
    request=Request,
    response=list[Generated] | list[list[Generated]],
    sample=sample,
    can_stream=True,
    reshape=partial(generation_body, Parameters),
    client_method="text_generation",
)
