"""How many tokens a request may generate."""

from typing import Any

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.limits import too_long


def new_tokens(parameters: Any, count: int) -> int | None:
    """Requested maximum of new tokens; `max_length` counts the `count` tokens before them too.

    Raises InvalidInput if max_length leaves no room for a new token.
    """
    if parameters.max_new_tokens is not None or parameters.max_length is None:
        return parameters.max_new_tokens
    if parameters.max_length <= count:
        raise InvalidInput(
            f"max_length is {parameters.max_length:,}, which includes the {count:,} tokens before "
            "the generated ones. Set max_new_tokens, or a larger max_length."
        )
    return parameters.max_length - count


def token_budget(count: int, wanted: int | None, unset: int, limit: int | None) -> int:
    """Maximum number of new tokens after `count`. Raises InputTooLong with the numbers."""
    if limit is None:
        return wanted or unset
    if count >= limit:
        raise too_long(count, limit)
    if wanted and count + wanted > limit:
        raise InputTooLong(
            f"{count:,} tokens and max_new_tokens {wanted:,} are {count + wanted:,}; "
            f"this model takes at most {limit:,} together."
        )
    return wanted or min(unset, limit - count)
