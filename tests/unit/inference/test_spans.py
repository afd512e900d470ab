"""Answers are places in a text, whatever its words are like."""

import numpy as np

from backend.inference.adapters.text.spans import Window, best_spans
from backend.inference.adapters.tokenization import Encoded


def window(words: list[int | None], shift: int = 0) -> Window:
    """One token for each entry, two characters long; those of a word have the same number."""
    count = len(words)
    row = Encoded(
        ids=[1] * count, types=None, special=[0] * count, words=words, parts=[1 for _ in words],
        offsets=[(2 * (i + shift), 2 * (i + shift) + 2) for i in range(count)],
    )  # fmt: skip
    logits = np.arange(count, dtype=np.float32)
    return Window(row=row, part=1, null=None, starts=logits, ends=logits)


def test_word_is_one_position_for_any_number_of_tokens() -> None:
    """A search span by span would take hours for these."""
    windows = [window([0] * 500, shift) for shift in range(0, 5000, 500)]
    spans = best_spans(windows, 500, 1000, words=True)
    assert [(span.start, span.end) for span in spans] == [
        (1000 * i, 1000 * i + 1000) for i in range(10)
    ]


def test_aligned_spans_start_and_end_at_words() -> None:
    found = best_spans([window([0, 0, 1, 2, 2])], 5, 100, words=True)
    assert {(span.start, span.end) for span in found} == {
        (0, 4), (0, 6), (0, 10), (4, 6), (4, 10), (6, 10),
    }  # fmt: skip
    assert (found[0].start, found[0].end) == (6, 10)
