"""Parameters of summarization, translation and text2text-generation."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel

KINDS = ("AutoModelForSeq2SeqLM",)


class Generation(RequestModel):
    """Arguments of `generate`; unset values are taken from the model's generation_config.json."""

    max_new_tokens: int | None = Field(
        default=None, ge=1, le=100_000, description="Maximum number of generated tokens."
    )
    max_length: int | None = Field(
        default=None, ge=2, le=100_000, description="The same, with the decoder start token."
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=100_000, description="Minimum number of generated tokens."
    )
    min_length: int | None = Field(
        default=None, ge=0, le=100_000, description="The same, with the decoder start token."
    )
    do_sample: bool | None = Field(
        default=None, description="Sample tokens in place of greedy decoding."
    )
    num_beams: int | None = Field(default=None, ge=1, le=16, description="Number of beams.")
    early_stopping: bool | Literal["never"] | None = Field(
        default=None, description="Stop as soon as there are as many complete texts as beams."
    )
    length_penalty: float | None = Field(
        default=None,
        ge=-100,
        le=100,
        description="Length penalty of beam search; above 0 prefers longer texts.",
    )
    repetition_penalty: float | None = Field(
        default=None, gt=0, le=100, description="Repetition penalty; above 1 reduces repetition."
    )
    no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Size of n-grams that occur only once."
    )
    encoder_no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Size of n-grams of the input that are not copied."
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
        description="Sample from the k most likely tokens, with do_sample. 0: off.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Sample from the most likely tokens of this share, with do_sample. 1: off.",
    )
    typical_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Sample from locally typical tokens, with do_sample. 1: off.",
    )


class Parameters(RequestModel):
    """Tokenization and generation parameters."""

    min_length: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="As in `generate_parameters`, which take precedence.",
    )
    max_length: int | None = Field(
        default=None,
        ge=2,
        le=100_000,
        description="As in `generate_parameters`, which take precedence.",
    )
    truncation: bool | Literal["do_not_truncate", "longest_first", "only_first"] = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )
    clean_up_tokenization_spaces: bool | None = Field(
        default=None, description="Remove spaces before punctuation; unset: as the tokenizer does."
    )
    generate_parameters: Generation = Field(
        default=Generation(), description="Arguments of `generate`."
    )


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject models that AutoModelForSeq2SeqLM loads but whose input is not text alone."""
    kind = str(config.get("model_type", ""))
    if kind.startswith("seamless"):
        return f"Models of the kind {kind} choose languages in a way that is not served."
    if not config.get("is_encoder_decoder", True):
        return f"It needs a model with an encoder and a decoder; {kind} is not one."
    return None
