"""Finds the best answer spans from start and end logits (extractive question answering)."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from backend.inference.adapters.scores import check_finite, softmax
from backend.inference.adapters.tokenization import Encoded

# Logit of tokens outside the context.
_NEVER = -10_000.0


@dataclass(frozen=True, kw_only=True)
class Window:
    """One window with the model's start and end logits, float32 `[sequence]` each."""

    row: Encoded
    part: int
    """Index of the text in the row that contains the answer."""
    null: int | None
    """Index of the token that means `no answer`, or None."""
    starts: np.ndarray
    ends: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Span:
    """A span in characters (or words), with its probability within its window."""

    score: float
    start: int
    end: int


def null_score(windows: list[Window]) -> float:
    """Probability of `no answer`: the minimum over the windows, 0 to 1."""
    return min(
        0.0
        if w.null is None
        else float(_chances(w, w.starts)[w.null] * _chances(w, w.ends)[w.null])
        for w in windows
    )


def best_spans(windows: list[Window], longest: int, count: int, *, words: bool) -> list[Span]:
    """The `count` best spans of all windows, best first; duplicates keep their best score."""
    best: dict[tuple[int, int], Span] = {}
    for window in windows:
        for span in _spans(window, longest, count, words=words):
            place = (span.start, span.end)
            if place not in best or best[place].score < span.score:
                best[place] = span
    return sorted(best.values(), key=lambda span: -span.score)[:count]


def _spans(window: Window, longest: int, count: int, *, words: bool) -> list[Span]:
    """The best spans of at most `longest` tokens in a window, best first, without duplicates."""
    inside = _inside(window)
    first = np.where(inside, _chances(window, window.starts), 0.0)
    last = np.where(inside, _chances(window, window.ends), 0.0)
    padded = np.concatenate([last, np.zeros(longest - 1, last.dtype)])
    # scores[i, j]: span from token i to token i + j.
    scores = first[:, None] * np.lib.stride_tricks.sliding_window_view(padded, longest)
    allowed = np.concatenate([inside, np.zeros(longest - 1, bool)])
    ends = np.lib.stride_tricks.sliding_window_view(allowed, longest)
    order = np.argsort(-scores, axis=None, kind="stable")
    order = order[inside[:, None].repeat(longest, 1).ravel()[order] & ends.ravel()[order]]
    begins, more = np.divmod(order, longest)
    # Vectorized, since a long word has thousands of spans that are all the same.
    starts, stops = _characters(window, words=words)
    places = np.stack([starts[begins], stops[begins + more]], axis=1)
    found = np.flatnonzero(places[:, 0] < places[:, 1])
    _, firsts = np.unique(places[found], axis=0, return_index=True)
    return [
        Span(score=float(scores.flat[order[i]]), start=int(places[i, 0]), end=int(places[i, 1]))
        for i in found[np.sort(firsts)[:count]]
    ]


def _inside(window: Window) -> np.ndarray:
    parts = np.array([-1 if part is None else part for part in window.row.parts or ()])
    return parts == window.part


def _chances(window: Window, logits: np.ndarray) -> np.ndarray:
    """Softmax over the tokens of the context and the `no answer` token, `[sequence]`."""
    counts = _inside(window)
    if window.null is not None:
        counts[window.null] = True
    return softmax(np.where(counts, check_finite(logits), _NEVER))


def _characters(window: Window, *, words: bool) -> tuple[np.ndarray, np.ndarray]:
    """Start and end offsets of each token; with `words` those of the word that contains it."""
    row = window.row
    starts, ends = np.array(row.offsets, dtype=np.int64).reshape(-1, 2).T.copy()
    if words and row.words:
        tokens = groupby(range(len(row.ids)), key=lambda i: _word(row, i))
        for run in (list(run) for _, run in tokens):
            starts[run], ends[run] = starts[run[0]], ends[run[-1]]
    return starts, ends


def _word(row: Encoded, token: int) -> tuple[int | None, int | None]:
    """A key that is equal for tokens of the same word; unique for a token outside words."""
    words, parts = row.words or [], row.parts or []
    return (parts[token], words[token]) if words[token] is not None else (None, token)
