"""How text is chosen, for every task that writes it."""

from typing import Annotated

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel

Stop = Annotated[str, Field(min_length=1, max_length=200)]


class Generation(RequestModel):
    """Parameters with the names of Text Generation Inference."""

    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Tokens at most; unset: 100, in a conversation 1,024, or what fits.",
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Minimum number of generated tokens."
    )
    do_sample: bool = Field(
        default=False, description="Choose by chance, not always the likeliest token."
    )
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
    details: bool = Field(
        default=False, description="Also tell tokens, probabilities and why it ended."
    )


class Generated(ResponseModel):
    """One answer."""

    generated_text: str
    details: dict[str, object] | None = None
