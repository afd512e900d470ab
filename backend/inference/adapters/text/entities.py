"""Aggregates BIO-tagged tokens to entities, like the token-classification pipeline.

Labels have the form `B-PER`, `I-PER`, `O` (Ramshaw and Marcus 1995).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backend.inference.adapters.tokenization import Encoded


@dataclass(frozen=True, kw_only=True)
class TokenPrediction:
    """A token, or a word of several tokens, with its best label.

    `scores` are probabilities, float32 `[labels]`; `start` and `end` are character offsets.
    """

    tokens: tuple[str, ...]
    scores: np.ndarray
    label: str
    score: float
    start: int | None
    end: int | None
    index: int
    joins: bool
    """Whether it continues the word of the previous token."""


Entity = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LabelVocabulary:
    """Names of labels by id, and conversion of token ids to tokens and of tokens to text."""

    labels: dict[int, str]
    tokens: Callable[[list[int]], list[str]]
    text: Callable[[list[str]], str]


def predictions(row: Encoded, scores: np.ndarray, names: LabelVocabulary) -> list[TokenPrediction]:
    """One prediction per token that is not special, from probabilities `[sequence, labels]`."""
    found: list[TokenPrediction] = []
    tokens = names.tokens(row.ids)
    words = row.words or [None] * len(row.ids)
    for i, token in enumerate(tokens):
        if row.special[i]:
            continue
        best = int(scores[i].argmax())
        start, end = row.offsets[i] if row.offsets else (None, None)
        found.append(
            TokenPrediction(
                tokens=(token,),
                scores=scores[i],
                label=names.labels[best],
                score=float(scores[i][best]),
                start=start,
                end=end,
                index=i,
                joins=i > 0 and words[i] is not None and words[i] == words[i - 1],
            )
        )
    return found


def _first(word: Sequence[TokenPrediction]) -> np.ndarray:
    return word[0].scores


def _average(word: Sequence[TokenPrediction]) -> np.ndarray:
    return np.mean([mark.scores for mark in word], axis=0)


def _max(word: Sequence[TokenPrediction]) -> np.ndarray:
    return max(word, key=lambda mark: mark.scores.max()).scores


_WORD_SCORES = {"first": _first, "average": _average, "max": _max}


def words(
    found: Iterable[TokenPrediction], strategy: str, names: LabelVocabulary
) -> list[TokenPrediction]:
    """Join the tokens of each word, with one label per word.

    `strategy`: scores of its `first` token, their `average`, or those of the token with the `max`.
    """
    groups: list[list[TokenPrediction]] = []
    for mark in found:
        if mark.joins and groups:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [_word(group, _WORD_SCORES[strategy](group), names) for group in groups]


def _word(
    group: list[TokenPrediction], scores: np.ndarray, names: LabelVocabulary
) -> TokenPrediction:
    best = int(scores.argmax())
    return replace(
        group[0],
        tokens=tuple(token for mark in group for token in mark.tokens),
        scores=scores,
        label=names.labels[best],
        score=float(scores[best]),
        end=group[-1].end,
    )


def single(found: Iterable[TokenPrediction], names: LabelVocabulary) -> list[Entity]:
    """One entity per prediction, without aggregation (`none`)."""
    return [
        {
            "entity": mark.label,
            "score": mark.score,
            "index": mark.index,
            "word": names.text(list(mark.tokens)).strip(),
            "start": mark.start,
            "end": mark.end,
        }
        for mark in found
    ]


def joined(found: Iterable[TokenPrediction], names: LabelVocabulary) -> list[Entity]:
    """Join adjacent predictions of the same type; `B-` starts a new entity. Score is the mean."""
    groups: list[list[TokenPrediction]] = []
    for mark in found:
        begins, tag = _tag(mark.label)
        if groups and not begins and tag == _tag(groups[-1][-1].label)[1]:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        {
            "entity_group": _tag(group[0].label)[1],
            "score": float(np.mean([mark.score for mark in group])),
            "word": names.text([token for mark in group for token in mark.tokens]).strip(),
            "start": group[0].start,
            "end": group[-1].end,
        }
        for group in groups
    ]


def in_words_of(text: str, entity: Entity, unknown: str | None) -> Entity:
    """Set `word` to the source text where its tokens cannot restore it.

    That is for unknown tokens, and for aggregated entities that start inside a word (`##` in
    WordPiece). The pipeline of transformers does this for unknown tokens only.
    """
    word = entity["word"]
    is_inside = "entity_group" in entity and word.startswith("##")
    if entity["start"] is None or not (is_inside or (unknown and unknown in word)):
        return entity
    return {**entity, "word": text[entity["start"] : entity["end"]]}


def _tag(label: str) -> tuple[bool, str]:
    if label[:2] in {"B-", "I-"}:
        return label[0] == "B", label[2:]
    return False, label


def without_overlap(entities: list[Entity]) -> list[Entity]:
    """Of overlapping entities from several windows keep the longer, then the higher score."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda e: e["start"]):
        if kept and entity["start"] < kept[-1]["end"]:
            kept[-1] = max(kept[-1], entity, key=lambda e: (e["end"] - e["start"], e["score"]))
        else:
            kept.append(entity)
    return kept
