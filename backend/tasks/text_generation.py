"""text-generation: goes on from a text, or answers chat messages where the model has a template."""

from typing import Annotated, Literal

from pydantic import Field

from backend.tasks.base import Sample, Shown, Task, Wire
from backend.tasks.samples import json_sample, sentence

Stop = Annotated[str, Field(min_length=1, max_length=200)]


class Parameters(Wire):
    """How the text is chosen; the names are those of Text Generation Inference."""

    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Tokens at most; unset: 100, in a conversation 1,024, or what fits.",
    )
    do_sample: bool = Field(
        default=False, description="Choose by chance, not always the likeliest token."
    )
    temperature: float | None = Field(
        default=None, gt=0, le=100, description="Above 1: bolder. Samples."
    )
    top_k: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Only the k likeliest. Samples."
    )
    top_p: float | None = Field(
        default=None, gt=0, lt=1, description="Only the likeliest that make up this share. Samples."
    )
    typical_p: float | None = Field(
        default=None, gt=0, lt=1, description="Locally typical tokens. Samples."
    )
    repetition_penalty: float | None = Field(
        default=None, gt=0, le=100, description="Above 1: repeats less."
    )
    frequency_penalty: float | None = Field(
        default=None, ge=-2, le=2, description="Lowers a token by this for each time it came."
    )
    seed: int | None = Field(default=None, ge=0, lt=2**63, description="Makes sampling repeatable.")
    stop: list[Stop] = Field(
        default=[], max_length=16, description="Texts that end it; not returned."
    )
    return_full_text: bool = Field(default=False, description="Put the prompt before the answer.")
    truncate: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Keep only the last so many tokens of the prompt.",
    )
    details: bool = Field(
        default=False, description="Also tell tokens, probabilities and why it ended."
    )
    best_of: Literal[1] | None = Field(default=None, description="Only 1: one answer is made.")
    watermark: Literal[False] | None = Field(default=None, description="Only false.")
    decoder_input_details: Literal[False] | None = Field(default=None, description="Only false.")


class Message(Wire):
    """One message of a conversation."""

    role: str = Field(min_length=1, max_length=64, description="`system`, `user` or `assistant`.")
    content: str = Field(description="What was said.")


class Request(Wire):
    """A prompt, several prompts, or the messages of a conversation."""

    inputs: str | list[str] | list[Message] = Field(
        description="A text, a list of texts, or chat messages where the model has a template.",
        examples=["Once upon a time"],
    )
    parameters: Parameters = Field(default=Parameters(), description="All optional.")
    stream: bool = Field(default=False, description="Answer token by token as server-sent events.")


class Generated(Shown):
    """One answer."""

    generated_text: str
    details: dict[str, object] | None = None


def sample(seed: int) -> Sample:
    """The beginning of a story, a few tokens long."""
    prompt = sentence(seed, "Once upon a time {who} went to the {what} in {where}")
    return json_sample({"inputs": prompt, "parameters": {"max_new_tokens": 16}})


TASK = Task(
    name="text-generation",
    title="Text generation",
    summary="Goes on from a text, or answers in a conversation.",
    modality="nlp",
    input="json",
    aliases=("conversational",),
    kinds=("AutoModelForCausalLM",),
    parameters=Parameters,
    request=Request,
    response=list[Generated] | list[list[Generated]],
    sample=sample,
    can_stream=True,
    client_method="text_generation",
)
