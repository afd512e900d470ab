"""Options shared by chat and completions, and their conversion to parameters of the task."""

from typing import Annotated, Any, Literal

from pydantic import Field

from backend.errors.inference import OptionNotSupported
from backend.inference.protocols.openai.schemas import OpenAIRequest, RequestModel, Usage
from backend.tasks.generation import Stop
from backend.tasks.text_generation import Parameters

FinishReason = Literal["stop", "length"]

# Options of OpenAI's API that are not supported: values that have no effect, and what to do
# instead.
_UNSUPPORTED: dict[str, tuple[tuple[object, ...], str]] = {
    "n": ((None, 1), "one choice is generated; send more requests instead"),
    "best_of": ((None, 1), "one choice is generated; send more requests instead"),
    "presence_penalty": ((None, 0), "frequency_penalty also reduces repetition"),
    "logprobs": ((None, False), "/predict returns them with parameters.details"),
    "top_logprobs": (
        (None, 0),
        "/predict returns those of the chosen tokens with parameters.details",
    ),
    "suffix": ((None, ""), "text is generated from left to right"),
    "tools": ((None, []), "tool calls are not supported; describe the tools in a message"),
    "functions": ((None, []), "tool calls are not supported; describe the tools in a message"),
    "response_format": ((None, {"type": "text"}), "describe the format in a message"),
}


class StreamOptions(RequestModel):
    """Options of a stream."""

    include_usage: bool | None = Field(
        default=None, description="Send a final chunk with the token usage of the request."
    )


class Options(OpenAIRequest):
    """Generation options."""

    max_tokens: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Maximum number of generated tokens."
    )
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="Sampling temperature. 0: greedy decoding. Unset: 1."
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Nucleus sampling: the most likely tokens that make up this probability.",
    )
    top_k: int | None = Field(
        default=None,
        ge=-1,
        le=1_000_000,
        description="Sample from the k most likely tokens. -1 or 0: off. Not in OpenAI's API.",
    )
    frequency_penalty: float | None = Field(
        default=None,
        ge=-2,
        le=2,
        description="Penalty subtracted from a token for each of its occurrences.",
    )
    repetition_penalty: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="Repetition penalty; above 1 reduces repetition. Not in OpenAI's API.",
    )
    presence_penalty: float | None = Field(default=None, description="Only 0.")
    seed: int | None = Field(
        default=None, ge=-(2**63), lt=2**63, description="Random seed; makes sampling reproducible."
    )
    stop: Stop | Annotated[list[Stop], Field(max_length=16)] | None = Field(
        default=None, description="Stop sequence, or a list of them; not returned."
    )
    n: int | None = Field(default=None, description="Only 1.")
    stream: bool | None = Field(
        default=None, description="Stream the response as server-sent events."
    )
    stream_options: StreamOptions | None = Field(default=None, description="For streams.")

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with the token usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


class GenerationUsage(Usage):
    """Number of tokens of prompt and completion."""

    completion_tokens: int


def refuse_unsupported(body: Options) -> None:
    """Raise OptionNotSupported for options that would change the response but are not supported."""
    for name, (harmless, instead) in _UNSUPPORTED.items():
        if getattr(body, name, None) not in harmless:
            raise OptionNotSupported(f"{name} is not supported: {instead}.", option=name)


def parameters_of(body: Options, max_new_tokens: int | None, *, echo: bool = False) -> Parameters:
    """Parameters of the task. As in OpenAI's API, tokens are sampled unless temperature is 0."""
    is_sampled = body.temperature != 0
    return Parameters(
        max_new_tokens=max_new_tokens,
        do_sample=is_sampled,
        temperature=body.temperature if is_sampled else None,
        top_k=max(body.top_k, 0) if is_sampled and body.top_k is not None else None,
        top_p=body.top_p if is_sampled else None,
        frequency_penalty=body.frequency_penalty,
        repetition_penalty=body.repetition_penalty,
        # The seeds of /predict, and negative ones, which OpenAI accepts.
        seed=None if body.seed is None else body.seed % 2**63,
        stop=[body.stop] if isinstance(body.stop, str) else body.stop or [],
        return_full_text=echo,
        details=True,
    )


def usage_of(outputs: list[Any]) -> GenerationUsage:
    """Total usage of all prompts."""
    details = [made["details"] for [made] in outputs]
    read = sum(each["input_length"] for each in details)
    written = sum(each["generated_tokens"] for each in details)
    return GenerationUsage(
        prompt_tokens=read, completion_tokens=written, total_tokens=read + written
    )


def reason_of(made: dict[str, Any]) -> FinishReason:
    """Finish reason in OpenAI's format: `stop` or `length`."""
    return "length" if made["details"]["finish_reason"] == "length" else "stop"
