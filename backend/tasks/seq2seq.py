"""What summarization, translation and text2text-generation share: how a text is written."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel

KINDS = ("AutoModelForSeq2SeqLM",)


class Generation(RequestModel):
    """Settings of `generate`; what is unset is as the model's own files say."""

    max_new_tokens: int | None = Field(
        default=None, ge=1, le=100_000, description="Tokens to write at most."
    )
    max_length: int | None = Field(
        default=None, ge=2, le=100_000, description="The same, with the token that begins the text."
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=100_000, description="Tokens to write at least."
    )
    min_length: int | None = Field(
        default=None, ge=0, le=100_000, description="The same, with the token that begins the text."
    )
    do_sample: bool | None = Field(
        default=None, description="Choose by chance, not always the likeliest token."
    )
    num_beams: int | None = Field(
        default=None, ge=1, le=16, description="Texts that are followed at once to find the best."
    )
    early_stopping: bool | Literal["never"] | None = Field(
        default=None, description="End as soon as there are as many texts as beams."
    )
    length_penalty: float | None = Field(
        default=None, ge=-100, le=100, description="Above 0: beams prefer longer texts."
    )
    repetition_penalty: float | None = Field(
        default=None, gt=0, le=100, description="Above 1: repeats less."
    )
    no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Runs of so many tokens come once only."
    )
    encoder_no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Runs of so many tokens are not copied."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Randomness of sampling; above 1 is more random. 0: no sampling.",
    )
    top_k: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Only the k likeliest. With do_sample."
    )
    top_p: float | None = Field(
        default=None, gt=0, le=1, description="Only the likeliest of this share. With do_sample."
    )
    typical_p: float | None = Field(
        default=None, gt=0, le=1, description="Locally typical tokens. With do_sample."
    )


class Parameters(RequestModel):
    """How the text is read and written."""

    min_length: int | None = Field(
        default=None, ge=0, le=100_000, description="As in `generate_parameters`, which go first."
    )
    max_length: int | None = Field(
        default=None, ge=2, le=100_000, description="As in `generate_parameters`, which go first."
    )
    truncation: bool | Literal["do_not_truncate", "longest_first", "only_first"] = Field(
        default=False, description="Cut a text that is too long instead of refusing it."
    )
    clean_up_tokenization_spaces: bool | None = Field(
        default=None, description="Remove blanks before punctuation; unset: as the tokenizer does."
    )
    generate_parameters: Generation = Field(
        default=Generation(), description="Settings of `generate`."
    )


def unfit(config: Mapping[str, object]) -> str | None:
    """Models that transformers loads the same way, and that take something else than a text."""
    kind = str(config.get("model_type", ""))
    if kind.startswith("seamless"):
        return f"Models of the kind {kind} choose languages in a way that is not served."
    if not config.get("is_encoder_decoder", True):
        return f"It needs a model with an encoder and a decoder; {kind} is not one."
    return None
