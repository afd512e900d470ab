"""Texts of a request. OpenAI also accepts token IDs, which are specific to one tokenizer."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.errors.inference import TokenIdsGiven
from backend.inference.config import MAX_ITEMS


def _no_token_ids(value: object) -> object:
    first = value[0] if isinstance(value, list) and value else None
    if isinstance(first, list):
        first = first[0] if first else None
    if isinstance(first, int) and not isinstance(first, bool):
        raise TokenIdsGiven("The input is a list of token ids of another model's tokenizer.")
    return value


TextTokenizer = Annotated[
    str | Annotated[list[str], Field(min_length=1, max_length=MAX_ITEMS)],
    BeforeValidator(_no_token_ids),
]


def texts_of(given: str | list[str]) -> list[str]:
    """Return the texts as a list."""
    return [given] if isinstance(given, str) else given
