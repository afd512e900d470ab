"""How far responses from the device are from those of the CPU in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """`same`: share of equal top labels, or of equal leading words of generated texts, 0 to 1.

    `score_error`: largest difference of a score; 0 for texts.
    """

    same: float
    score_error: float


def agreement(task: str, usual: list[Any], found: list[Any]) -> Agreement:
    """Compare the responses to the same requests, in the same order."""
    pairs = list(zip(usual, found, strict=True))
    if task == "text-generation":
        shares = [_leading(*(text(one).split() for one in pair)) for pair in pairs]
        return Agreement(same=sum(shares) / len(shares), score_error=0.0)
    ranked = [(scores(one), scores(other)) for one, other in pairs]
    return Agreement(
        same=sum(max(a, key=a.__getitem__) == max(b, key=b.__getitem__) for a, b in ranked)
        / len(ranked),
        score_error=max(abs(a[label] - b.get(label, 0.0)) for a, b in ranked for label in a),
    )


def scores(response: Any) -> dict[str, float]:
    """Scores by label of a classification of one input, listed or not."""
    rows = response[0] if isinstance(response[0], list) else response
    return {row["label"]: row["score"] for row in rows}


def text(response: Any) -> str:
    """The generated text."""
    return (response[0] if isinstance(response, list) else response)["generated_text"]


def _leading(one: list[str], other: list[str]) -> float:
    """Share of words before the first that differs: after it, all are different."""
    count = max(len(one), len(other), 1)
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return (min(len(one), len(other)) if same is None else same) / count
