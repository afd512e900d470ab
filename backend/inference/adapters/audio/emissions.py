"""Characters or tokens of a transcript with the times at which they were said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Emission:
    """A character, token or word, from `start` (inclusive) to `end` (exclusive).

    In frames of a CTC model, in seconds of a transducer.
    """

    text: str
    start: float
    end: float


def words(emissions: Sequence[Emission]) -> Iterator[Emission]:
    """Join characters or subwords to words, from the start of the first to the end of the last."""
    word: list[Emission] = []
    for emission in emissions:
        if emission.text.startswith(" ") and word:
            yield _word(word)
            word = []
        if emission.text.strip():
            word.append(emission)
    if word:
        yield _word(word)


def _word(emissions: Sequence[Emission]) -> Emission:
    text = "".join(emission.text for emission in emissions).strip()
    return Emission(text=text, start=emissions[0].start, end=emissions[-1].end)
