"""From scores of where an answer begins and ends to answers in a text."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from backend.inference.adapters.scores import check_finite, softmax
from backend.inference.adapters.tokenization import Encoded

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
        for span in _spans(window, longest, count, words=words):
            place = (span.start, span.end)
            if place not in best or best[place].score < span.score:
                best[place] = span
    return sorted(best.values(), key=lambda span: -span.score)[:count]


def _spans(window: Window, longest: int, count: int, *, words: bool) -> list[Span]:
    """The best spans of up to `longest` tokens, best first, each place once."""
    inside = _inside(window)
    first = np.where(inside, _chances(window, window.starts), 0.0)
    last = np.where(inside, _chances(window, window.ends), 0.0)
    padded = np.concatenate([last, np.zeros(longest - 1, last.dtype)])
    # By first token and by length less one.
    scores = first[:, None] * np.lib.stride_tricks.sliding_window_view(padded, longest)
    allowed = np.concatenate([inside, np.zeros(longest - 1, bool)])
    ends = np.lib.stride_tricks.sliding_window_view(allowed, longest)
    order = np.argsort(-scores, axis=None, kind="stable")
    order = order[inside[:, None].repeat(longest, 1).ravel()[order] & ends.ravel()[order]]
    begins, more = np.divmod(order, longest)
    # All at once: a long word has thousands of spans, and all of them are the same place.
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
    """Probabilities of the tokens of the text and of the one for `no answer`."""
    counts = _inside(window)
    if window.null is not None:
        counts[window.null] = True
    return softmax(np.where(counts, check_finite(logits), _NEVER))


def _characters(window: Window, *, words: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where each token begins and ends in the text; with `words` the whole word it lies in."""
    row = window.row
    starts, ends = np.array(row.offsets, dtype=np.int64).reshape(-1, 2).T.copy()
    if words and row.words:
        tokens = groupby(range(len(row.ids)), key=lambda i: _word(row, i))
        for run in (list(run) for _, run in tokens):
            starts[run], ends[run] = starts[run[0]], ends[run[-1]]
    return starts, ends


def _word(row: Encoded, token: int) -> tuple[int | None, int | None]:
    """The same for neighbours in a word only; a token of none is on its own."""
    words, parts = row.words or [], row.parts or []
    return (parts[token], words[token]) if words[token] is not None else (None, token)
