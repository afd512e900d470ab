"""Errors for inputs that exceed a limit of the model or of this server."""

from backend.errors.inference import InputTooLong
from backend.errors.request import PayloadTooLarge
from backend.inference.config import MAX_READ_CHARACTERS


def too_long(count: int, limit: int) -> InputTooLong:
    """Create the error with length and limit."""
    return InputTooLong(f"{count:,} tokens; this model takes at most {limit:,}.")


def check_characters(count: int) -> None:
    """Check the total of all texts that an input makes the tokenizer process, with repetitions.

    Raises PayloadTooLarge.
    """
    if count > MAX_READ_CHARACTERS:
        raise PayloadTooLarge(
            f"{count:,} characters, repetitions of texts included; at most "
            f"{MAX_READ_CHARACTERS:,} are supported."
        )
