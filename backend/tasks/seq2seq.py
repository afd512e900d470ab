"""Parameters of summarization, translation and text2text-generation."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from backend.tasks.generation import Seeded
from backend.tasks.generation_fields import EncoderFields, TextSettings, TokenId, settings_of

KINDS = ("AutoModelForSeq2SeqLM",)


class Generation(Seeded, EncoderFields, TextSettings):
    """Arguments of `generate`; unset values are taken from the model's generation_config.json."""

    decoder_start_token_id: TokenId | None = Field(
        default=None, description="Token id before the output; not returned."
    )


class Parameters(Generation):
    """Tokenization and generation parameters."""

    truncation: bool | Literal["do_not_truncate", "longest_first", "only_first"] = Field(
        default=False, description="Truncate a text that is too long; otherwise it is an error."
    )
    clean_up_tokenization_spaces: bool | None = Field(
        default=None, description="Remove spaces before punctuation; unset: as the tokenizer does."
    )
    generate_parameters: Generation = Field(
        default=Generation(),
        description="Arguments of `generate`, which take precedence over those beside it.",
    )

    def given(self) -> dict[str, object]:
        """All arguments of `generate` that are set, and the seed."""
        inner = settings_of(self.generate_parameters, Generation)
        return settings_of(self, Generation) | inner


def several(parameters: Parameters) -> bool:
    """Whether there are several texts for each input."""
    returned = parameters.given().get("num_return_sequences")
    return isinstance(returned, int) and returned > 1


def unfit(config: Mapping[str, object]) -> str | None:
    """Reject models that AutoModelForSeq2SeqLM loads but whose input is not text alone."""
    kind = str(config.get("model_type", ""))
    if kind.startswith("seamless"):
        return f"Models of the kind {kind} choose languages in a way that is not served."
    if not config.get("is_encoder_decoder", True):
        return f"It needs a model with an encoder and a decoder; {kind} is not one."
    return None
