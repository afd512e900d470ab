"""Select the fastest candidate whose results agree with full precision; used by prepare."""

import math
from collections.abc import Sequence

from backend.domain.deployment import Candidate, Receipt

# The bar for a lower precision, on generated inputs over the range of lengths.
LEAST_INPUTS = 64
LEAST_COSINE = 0.999
MOST_PROBABILITY_ERROR = 0.02
# The bar for another order of the same sums in the same precision.
LEAST_EXACT_COSINE = 0.99999
# How the reason of a candidate begins for which there was no time or no memory.
NOT_MEASURED = "not measured"
# A candidate that is not faster than this is not worth a change: medians of short runs differ.
LEAST_SPEEDUP = 1.05


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same candidates, with one chosen and a reason for each.

    The first is the reference: it is chosen if no other one is faster and agrees with it.
    """
    reference = candidates[0]
    reasons = [_objection(one, reference) for one in candidates]
    possible = [one for one, why in zip(candidates, reasons, strict=True) if why is None]
    best = min(possible, key=_pace, default=reference)
    return [
        one.model_copy(update={"chosen": one is best, "reason": _reason(one, why, best, reference)})
        for one, why in zip(candidates, reasons, strict=True)
    ]


def receipt_of(receipt: Receipt, candidates: Sequence[Candidate]) -> Receipt:
    """The receipt with the chosen one of these candidates, of which the first is the reference."""
    chosen = next(one for one in candidates if one.chosen)
    reference = candidates[0]
    speedup = speedup_of(chosen, reference) if reference.dtype == "float32" else None
    return receipt.model_copy(
        update=chosen.configuration
        | {
            "speedup": round(speedup, 2) if speedup else None,
            "agreement": chosen.agreement,
            "candidates": list(candidates),
        }
    )


def speedup_of(one: Candidate, reference: Candidate) -> float | None:
    """How much faster it is than the reference, alone and in groups; None if not measured."""
    if one.latency_ms is None or reference.latency_ms is None:
        return None
    return _pace(reference) / _pace(one)


def _pace(one: Candidate) -> float:
    """Geometric mean of the milliseconds of an input alone, and of one in a group."""
    alone = one.latency_ms or math.inf
    return math.sqrt(alone * (one.group_latency_ms or alone))


def _objection(one: Candidate, reference: Candidate) -> str | None:
    """Why it must not be chosen; None if it may."""
    if one is reference:
        return None
    speedup = speedup_of(one, reference)
    if speedup is None:
        return one.reason or NOT_MEASURED
    return _disagreement(one, reference) or ("slower" if speedup < LEAST_SPEEDUP else None)


def _disagreement(one: Candidate, reference: Candidate) -> str | None:
    if one.worst_agreement is None or one.same_label is None:
        return "its results could not be compared"
    if one.dtype == reference.dtype:
        is_same = one.worst_agreement >= LEAST_EXACT_COSINE and one.same_label == 1
        return None if is_same else _differs(f"cosine {one.worst_agreement:.5f}")
    if one.inputs < LEAST_INPUTS:
        return f"compared on {one.inputs} inputs only; {LEAST_INPUTS} are needed"
    if one.worst_agreement < LEAST_COSINE:
        return _differs(f"cosine {one.worst_agreement:.4f}, at least {LEAST_COSINE} is needed")
    if one.same_label < 1:
        return _differs(f"another label for {1 - one.same_label:.0%} of the inputs")
    if one.probability_error and one.probability_error > MOST_PROBABILITY_ERROR:
        return _differs(f"a probability by {one.probability_error:.3f}")
    return None


def _differs(how: str) -> str:
    return f"its results differ from full precision: {how}"


def _reason(one: Candidate, why: str | None, best: Candidate, reference: Candidate) -> str:
    if one is not best:
        return why or "slower"
    if one.latency_ms is None:
        return one.reason or NOT_MEASURED
    return "no other candidate is faster" if one is reference else "the fastest that agrees"
