"""Generation parameters of all text generation tasks."""

from typing import Annotated

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel

Stop = Annotated[str, Field(min_length=1, max_length=200)]


class Generation(RequestModel):
    """Parameters with the names of Text Generation Inference (TGI)."""

    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of generated tokens; unset: 100, for chat 1,024, or what fits.",
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Minimum number of generated tokens."
    )
    do_sample: bool = Field(default=False, description="Sample tokens in place of greedy decoding.")
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Randomness of sampling; above 1 is more random. 0: no sampling.",
    )
    top_k: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="Sample from the k most likely tokens. 0: off.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Sample from the most likely tokens that make up this share. 1: off.",
    )
    typical_p: float | None = Field(
        default=None, gt=0, le=1, description="Sample from locally typical tokens. 1: off."
    )
    repetition_penalty: float | None = Field(
        default=None, gt=0, le=100, description="Repetition penalty; above 1 reduces repetition."
    )
    frequency_penalty: float | None = Field(
        default=None,
        ge=-2,
        le=2,
        description="Penalty subtracted from a token for each of its occurrences.",
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**63, description="Random seed; makes sampling reproducible."
    )
    stop: list[Stop] = Field(default=[], max_length=16, description="Stop sequences; not returned.")
    return_full_text: bool = Field(
        default=False, description="Return the prompt before the generated text."
    )
    details: bool = Field(
        default=False, description="Return tokens, log probabilities and the finish reason."
    )


class Generated(ResponseModel):
    """One generated text."""

    generated_text: str
    details: dict[str, object] | None = None
