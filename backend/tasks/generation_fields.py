"""Fields of transformers' GenerationConfig that requests may set, in groups, with bounds.

Unset fields are taken from the model's generation_config.json. Bounds keep one request from
exhausting memory or time. test_generation_config.py compares names and types with the installed
class.
"""

from typing import Annotated, Literal

from pydantic import Field

from backend.tasks.base import RequestModel

MAX_SEQUENCES = 16
_MAX_TOKENS = 1_000_000

StopText = Annotated[str, Field(min_length=1, max_length=200)]
TokenId = Annotated[int, Field(ge=0, lt=2**31)]
TokenIds = Annotated[list[TokenId], Field(min_length=1, max_length=10_000)]
Phrase = Annotated[list[TokenId], Field(min_length=1, max_length=64)]
Bias = Annotated[float, Field(ge=-1e9, le=1e9)]
Start = Annotated[int, Field(ge=0, le=_MAX_TOKENS)]
Factor = Annotated[float, Field(ge=0, le=100)]
# JSON has no tuples, which strict validation would require.
BiasedPhrase = Annotated[tuple[Phrase, Bias], Field(strict=False)]

Decay = Annotated[tuple[Start, Factor], Field(strict=False)]


class Lengths(RequestModel):
    """When the output ends."""

    max_new_tokens: int | None = Field(
        default=None, ge=1, le=_MAX_TOKENS, description="Maximum number of generated tokens."
    )
    max_length: int | None = Field(
        default=None,
        ge=1,
        le=_MAX_TOKENS,
        description="The same, with the tokens of the prompt or the decoder start token.",
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=_MAX_TOKENS, description="Minimum number of generated tokens."
    )
    min_length: int | None = Field(
        default=None,
        ge=0,
        le=_MAX_TOKENS,
        description="The same, with the tokens of the prompt or the decoder start token.",
    )
    max_time: float | None = Field(
        default=None, gt=0, le=86_400, description="Maximum duration of generation, in seconds."
    )


class Search(RequestModel):
    """Greedy decoding, sampling or beam search."""

    do_sample: bool | None = Field(
        default=None, description="Sample tokens in place of greedy decoding."
    )
    num_beams: int | None = Field(
        default=None,
        ge=1,
        le=MAX_SEQUENCES,
        description="Number of beams of beam search. 1: no beam search.",
    )
    early_stopping: bool | Literal["never"] | None = Field(
        default=None, description="Stopping condition of beam search."
    )
    length_penalty: float | None = Field(
        default=None,
        ge=-100,
        le=100,
        description="Length penalty of beam search; above 0 prefers longer texts.",
    )
    use_cache: bool | None = Field(
        default=None, description="Use the key-value cache; off is slower and needs less memory."
    )


class SamplingFields(RequestModel):
    """Which tokens are sampled, and how likely each is."""

    temperature: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Randomness of sampling; above 1 is more random. 0: greedy decoding.",
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
    min_p: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Sample from tokens with this share of the most likely token's probability.",
    )
    top_h: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Sample from the most likely tokens with this share of the entropy.",
    )
    typical_p: float | None = Field(
        default=None, gt=0, le=1, description="Sample from locally typical tokens. 1: off."
    )
    epsilon_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Sample from tokens with a probability above this."
    )
    eta_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Like epsilon_cutoff, scaled by entropy."
    )
    renormalize_logits: bool | None = Field(
        default=None, description="Normalize the logits after all other changes."
    )
    remove_invalid_values: bool | None = Field(
        default=None, description="Replace NaN and infinite logits."
    )


class Penalties(RequestModel):
    """Tokens that become more or less likely."""

    repetition_penalty: float | None = Field(
        default=None, gt=0, le=100, description="Repetition penalty; above 1 reduces repetition."
    )
    no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Size of n-grams that occur only once. 0: off."
    )
    exponential_decay_length_penalty: Decay | None = Field(
        default=None,
        description="`[start, factor]`: the end becomes more likely after this number of tokens.",
    )
    bad_words_ids: list[Phrase] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Sequences of token ids that are not generated.",
    )
    sequence_bias: list[BiasedPhrase] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="`[[token ids, bias], …]`: added to the logit that completes the sequence.",
    )
    suppress_tokens: TokenIds | None = Field(
        default=None, description="Token ids that are not generated."
    )
    begin_suppress_tokens: TokenIds | None = Field(
        default=None, description="Token ids that are not generated first."
    )


class Watermark(RequestModel):
    """A watermark in the choice of tokens (Kirchenbauer et al. 2023)."""

    greenlist_ratio: float = Field(
        default=0.25, gt=0, lt=1, description="Share of the tokens that are preferred."
    )
    bias: float = Field(default=2.0, ge=0, le=100, description="Added to their logits.")
    hashing_key: int = Field(default=15_485_863, ge=1, lt=2**31, description="The secret key.")
    seeding_scheme: Literal["lefthash", "selfhash"] = Field(
        default="lefthash", description="What selects the preferred tokens."
    )
    context_width: int = Field(
        default=1, ge=1, le=64, description="Number of previous tokens that select them."
    )


class Endings(RequestModel):
    """Special tokens, and the number of sequences."""

    num_return_sequences: int | None = Field(
        default=None,
        ge=1,
        le=MAX_SEQUENCES,
        description="Number of texts for each input; above 1 with do_sample or beam search.",
    )
    stop_strings: (
        StopText | Annotated[list[StopText], Field(min_length=1, max_length=16)] | None
    ) = Field(default=None, description="Texts that end generation; returned, as by `generate`.")
    eos_token_id: TokenId | Annotated[list[TokenId], Field(min_length=1, max_length=64)] | None = (
        Field(default=None, description="Token id that ends generation, or a list.")
    )
    pad_token_id: TokenId | None = Field(
        default=None, description="Token id after the end of a sequence; not returned."
    )
    forced_bos_token_id: TokenId | None = Field(
        default=None, description="Token id that is generated first."
    )
    forced_eos_token_id: (
        TokenId | Annotated[list[TokenId], Field(min_length=1, max_length=64)] | None
    ) = Field(default=None, description="Token id at the maximum length, or a list.")
    watermarking_config: Watermark | None = Field(
        default=None, description="Watermark of the generated text."
    )


class EncoderFields(RequestModel):
    """Repetition of the input."""

    encoder_repetition_penalty: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="Penalty of tokens that are not in the input; above 1 stays closer to it.",
    )
    encoder_no_repeat_ngram_size: int | None = Field(
        default=None, ge=0, le=1000, description="Size of n-grams of the input that are not copied."
    )


class TextSettings(Endings, Penalties, SamplingFields, Search, Lengths):
    """What every task takes that generates text."""


def settings_of(parameters: RequestModel, *groups: type[RequestModel]) -> dict[str, object]:
    """The values of `groups` that are set, as plain JSON by the names of GenerationConfig."""
    names = {name for group in groups for name in group.model_fields}
    return parameters.model_dump(mode="json", include=names, exclude_none=True)
