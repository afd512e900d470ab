"""From scores of where an answer begins and ends to answers in a text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backend.inference.adapters.scores import check_finite, softmax
from backend.inference.adapters.texts import Encoded

# What a token that is no part of the text gets as its logit.
_NEVER = -10_000.0


@dataclass(frozen=True, kw_only=True)
class Window:
    """One row with the model's logits for its tokens, each of their number."""

    row: Encoded
    part: int
    """Which of the two texts of the row is searched."""
    null: int | None
    """The token that stands for `no answer`, if there is one."""
    starts: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of the text, in characters, with its probability in its window."""

    score: float
    start: int
    end: int


def null_score(windows: list[Window]) -> float:
    """How likely the text has no answer: as in the window that is least sure of it."""
    return min(
        0.0
        if w.null is None
        else float(_chances(w, w.starts)[w.null] * _chances(w, w.ends)[w.null])
        for w in windows
    )


def best_spans(windows: list[Window], longest: int, count: int, *, words: bool) -> list[Span]:
    """The `count` best of all windows, best first; one place is told once, with its best score."""
    best: dict[tuple[int, int], Span] = {}
    for window in windows:
        seen: set[tuple[int, int]] = set()
        for span in _spans(window, longest, words=words):
            place = (span.start, span.end)
            if place not in best or best[place].score < span.score:
                best[place] = span
            seen.add(place)
            if len(seen) == count:
                break
    return sorted(best.values(), key=lambda span: -span.score)[:count]


def _spans(window: Window, longest: int, *, words: bool) -> Iterator[Span]:
    """All spans of up to `longest` tokens, best first."""
    inside = _inside(window)
    first = np.where(inside, _chances(window, window.starts), 0.0)
    last = np.where(inside, _chances(window, window.ends), 0.0)
    padded = np.concatenate([last, np.zeros(longest - 1, last.dtype)])
    # By first token and by length less one.
    scores = first[:, None] * np.lib.stride_tricks.sliding_window_view(padded, longest)
    allowed = np.concatenate([inside, np.zeros(longest - 1, bool)])
    ends = np.lib.stride_tricks.sliding_window_view(allowed, longest)
    order = np.argsort(-scores, axis=None, kind="stable")
    for index in order[inside[:, None].repeat(longest, 1).ravel()[order] & ends.ravel()[order]]:
        begin, more = divmod(int(index), longest)
        start, end = _characters(window, begin, begin + more, words=words)
        if start < end:
            yield Span(score=float(scores[begin, more]), start=start, end=end)


def _inside(window: Window) -> np.ndarray:
    parts = np.array([-1 if part is None else part for part in window.row.parts or ()])
    return parts == window.part


def _chances(window: Window, logits: np.ndarray) -> np.ndarray:
    """Probabilities of the tokens of the text and of the one for `no answer`."""
    counts = _inside(window)
    if window.null is not None:
        counts[window.null] = True
    return softmax(np.where(counts, check_finite(logits), _NEVER))


def _characters(window: Window, begin: int, end: int, *, words: bool) -> tuple[int, int]:
    """Places in the text; with `words` the whole words that these tokens lie in."""
    row = window.row
    if words and row.words:
        while begin > 0 and _is_same_word(row, begin - 1, begin):
            begin -= 1
        while end + 1 < len(row.ids) and _is_same_word(row, end, end + 1):
            end += 1
    offsets = row.offsets or []
    return offsets[begin][0], offsets[end][1]


def _is_same_word(row: Encoded, left: int, right: int) -> bool:
    words, parts = row.words or [], row.parts or []
    return parts[left] == parts[right] and words[left] is not None and words[left] == words[right]
