"""How a text that is too long is divided into windows that overlap, and how many there may be."""

from dataclasses import dataclass

from backend.errors.inference import InputTooLong, InvalidInput


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Of one task, in tokens: the overlap where a request names none, and windows at most."""

    overlap: int
    most: int


def window_of(asked: int | None, limit: int | None, usual: int) -> int:
    """Tokens that are read at once. Raises InvalidInput for more than the model's limit."""
    if asked and limit and asked > limit:
        raise InvalidInput(f"max_seq_len is {asked:,}; this model takes at most {limit:,}.")
    return asked or min(limit or usual, usual)


def overlap_of(text: int, beside: int, window: int, asked: int | None, usual: Usual) -> int:
    """By how many tokens windows of a text of `text` tokens overlap, with `beside` in each.

    Raises InputTooLong for a question without room beside it and for too many windows, and
    InvalidInput for an overlap that would not move on.
    """
    room = window - beside
    if room < 1:
        raise InputTooLong(
            f"The question has {beside:,} tokens, which leaves no room for the text; "
            f"{window:,} are read at once."
        )
    if asked is not None and asked >= room:
        raise InvalidInput(
            f"doc_stride is {asked:,}; beside the question a window has {room:,} tokens of text."
        )
    overlap = min(usual.overlap, window // 2, room // 2) if asked is None else asked
    # Counted before they are made: with a large overlap they are as many as tokens.
    count = 1 - (room - text) // (room - overlap)
    if text > room and count > usual.most:
        raise InputTooLong(
            f"{text:,} tokens are {count:,} windows; at most {usual.most:,} are read."
        )
    return overlap
