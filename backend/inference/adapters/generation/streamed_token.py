"""A generated token, as the formats of streams need it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StreamedToken:
    """One generated token, with the text that became final with it.

    `logprob` is the natural logarithm of its probability, before temperature, top_k and top_p;
    None if not requested.
    """

    id: int
    text: str
    logprob: float | None
    special: bool
    is_last: bool = False
    finish_reason: str | None = None
