"""Validates inputs: texts, and objects against their pydantic model."""

from typing import TypeVar

from pydantic import ValidationError

from backend.errors.inference import InvalidInput
from backend.tasks.base import RequestModel

Item = TypeVar("Item", bound=RequestModel)


def object_item(item: object, kind: type[Item]) -> Item:
    """Validate the input as `kind`. Raises InvalidInput with the names of invalid fields."""
    if not isinstance(item, dict):
        fields = ", ".join(kind.model_fields)
        raise InvalidInput(f"inputs must be an object with {fields}, or a list of such objects.")
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[:3]
        detail = "; ".join(f"{'.'.join(map(str, e['loc']))[:100]}: {e['msg']}" for e in found)
        raise InvalidInput(f"{detail}.") from None


def text_item(item: object, max_characters: int) -> str:
    """Return the input if it is a text. Raises InvalidInput otherwise."""
    if not isinstance(item, str):
        raise InvalidInput("inputs must be a string or a list of strings.")
    if not item:
        raise InvalidInput("inputs is an empty string.")
    if len(item) > max_characters:
        raise InvalidInput(f"{len(item):,} characters; the limit is {max_characters:,}.")
    return item
