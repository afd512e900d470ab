"""Options shared by chat and completions, and their conversion to parameters of the task."""

from typing import Annotated, Any, Literal

from pydantic import Field

from backend.errors.inference import OptionNotSupported
from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest
from backend.inference.protocols.openai.schemas import OpenAIRequest, RequestModel, Usage
from backend.tasks.generation import Stop
from backend.tasks.generation_fields import (
    MAX_SEQUENCES,
    Bias,
    Endings,
    Lengths,
    Penalties,
    SamplingFields,
    Search,
    settings_of,
)
from backend.tasks.text_generation import Parameters

_GROUPS = (Endings, Penalties, SamplingFields, Search, Lengths)
_CHANCES = frozenset(SamplingFields.model_fields) - {"renormalize_logits", "remove_invalid_values"}

FinishReason = Literal["stop", "length"]

# Options of OpenAI's API that are not supported: values that have no effect, and what to do
# instead.
_UNSUPPORTED: dict[str, tuple[tuple[object, ...], str]] = {
    "best_of": ((None, 1), "n returns several choices"),
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


class Options(Endings, Penalties, SamplingFields, Search, Lengths, OpenAIRequest):
    """Generation options: OpenAI's, and those of GenerationConfig by their own names."""

    model_config = OpenAIRequest.model_config

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
    min_tokens: int | None = Field(
        default=None, ge=0, le=1_000_000, description="min_new_tokens by the name of vLLM."
    )
    frequency_penalty: float | None = Field(
        default=None,
        ge=-2,
        le=2,
        description="Penalty subtracted from a token for each of its occurrences.",
    )
    presence_penalty: float | None = Field(default=None, description="Only 0.")
    seed: int | None = Field(
        default=None, ge=-(2**63), lt=2**63, description="Random seed; makes sampling reproducible."
    )
    stop: Stop | Annotated[list[Stop], Field(max_length=16)] | None = Field(
        default=None, description="Stop sequence, or a list of them; not returned."
    )
    n: int | None = Field(
        default=None, ge=1, le=MAX_SEQUENCES, description="Number of choices for each prompt."
    )
    logit_bias: dict[str, Bias] | None = Field(
        default=None, max_length=300, description="Values added to the logits of token ids."
    )
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
    """Parameters of the task.

    As in OpenAI's API, tokens are sampled unless temperature is 0; beam search samples only if
    do_sample is set. Raises InvalidRequest for a bias of something else than a token id.
    """
    settings = settings_of(body, *_GROUPS)
    is_search = (body.num_beams or 1) > 1
    is_sampled = body.do_sample if body.do_sample is not None else not is_search
    if body.temperature == 0 or not is_sampled:
        settings = {name: value for name, value in settings.items() if name not in _CHANCES}
        is_sampled = False
    elif body.top_k is not None:
        settings["top_k"] = max(body.top_k, 0)
    settings |= {
        "max_new_tokens": max_new_tokens or body.max_new_tokens,
        "min_new_tokens": body.min_tokens if body.min_new_tokens is None else body.min_new_tokens,
        "num_return_sequences": body.n or body.num_return_sequences,
        "sequence_bias": _biases(body),
        "do_sample": is_sampled,
        "frequency_penalty": body.frequency_penalty,
        # The seeds of /predict, and negative ones, which OpenAI accepts.
        "seed": None if body.seed is None else body.seed % 2**63,
        "stop": [body.stop] if isinstance(body.stop, str) else body.stop or [],
        "return_full_text": echo,
        "details": True,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    return Parameters.model_validate(given)


def _biases(body: Options) -> list[object] | None:
    """`logit_bias` as `sequence_bias`: each key is a token id."""
    pairs = body.logit_bias or {}
    if not all(token.isascii() and token.isdigit() and len(token) < 10 for token in pairs):
        raise InvalidRequest(
            "The keys of logit_bias must be token ids.",
            errors=(FieldError(pointer="#/logit_bias", detail="keys must be token ids"),),
        )
    biases: list[object] = [[[int(token)], bias] for token, bias in pairs.items()]
    return [*biases, *(body.sequence_bias or [])] or None


def usage_of(outputs: list[Any]) -> GenerationUsage:
    """Total usage of all prompts; a prompt counts once, also with several choices."""
    details = [[one["details"] for one in made] for made in outputs]
    read = sum(made[0]["input_length"] for made in details)
    written = sum(each["generated_tokens"] for made in details for each in made)
    return GenerationUsage(
        prompt_tokens=read, completion_tokens=written, total_tokens=read + written
    )


def reason_of(made: dict[str, Any]) -> FinishReason:
    """Finish reason in OpenAI's format: `stop` or `length`."""
    return "length" if made["details"]["finish_reason"] == "length" else "stop"
