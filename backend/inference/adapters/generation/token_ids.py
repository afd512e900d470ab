"""Checks settings of a request against the model: an unknown token id would fail in the model.

On a GPU such a failure is not limited to one request: it ends the server.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from transformers import GenerationConfig

from backend.errors.inference import InvalidInput

_WITH_IDS = (
    "bad_words_ids", "sequence_bias", "suppress_tokens", "begin_suppress_tokens", "eos_token_id",
    "pad_token_id", "forced_bos_token_id", "forced_eos_token_id", "decoder_start_token_id",
)  # fmt: skip


def vocabulary_size(model: Any) -> int:
    """Number of token ids that the model can generate, from its config."""
    config = model.config
    return int(getattr(config, "decoder", config).get_text_config(decoder=True).vocab_size)


def check_settings(settings: Mapping[str, Any], vocabulary: int) -> None:
    """Raise InvalidInput for token ids outside the vocabulary, and for contradicting settings."""
    for name in _WITH_IDS:
        largest = max(_ids(settings.get(name)), default=0)
        if largest >= vocabulary:
            raise InvalidInput(
                f"{name}: this model has {vocabulary:,} token ids, 0 to {vocabulary - 1:,}; "
                f"{largest:,} is not one of them."
            )
    try:
        GenerationConfig(**settings)
    except ValueError as error:
        raise InvalidInput(f"{str(error)[:300]}") from None


def _ids(value: Any) -> Iterator[int]:
    """All integers in nested lists; floats are biases."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _ids(one)
