"""Which candidate prepare chooses, and the reason it gives for each."""

from typing import Any

import pytest

from backend.domain.choice import choose, receipt_of
from backend.domain.deployment import Candidate, Receipt


def candidate(milliseconds: float | None, dtype: str = "float32", **figures: Any) -> Candidate:
    same = {"agreement": 1.0, "worst_agreement": 1.0, "same_label": 1.0, "inputs": 64}
    found = same if milliseconds is not None else {}
    return Candidate(
        engine="torch", dtype=dtype, threads=2, latency_ms=milliseconds, chosen=False, reason="",
        **{**found, **figures},
    )  # fmt: skip


def chosen(*candidates: Candidate) -> int:
    return [one.chosen for one in choose(candidates)].index(True)


def test_fastest_is_chosen() -> None:
    assert chosen(candidate(30), candidate(20), candidate(8, "bfloat16")) == 2


def test_reference_stays_if_the_gain_is_within_the_noise() -> None:
    slightly, reference = candidate(29), candidate(30)
    assert chosen(reference, slightly) == 0
    assert choose([reference, slightly])[1].reason == "slower"


def test_groups_count_as_much_as_single_inputs() -> None:
    reference = candidate(10, group_latency_ms=10)
    assert chosen(reference, candidate(8, group_latency_ms=20)) == 0
    assert chosen(reference, candidate(12, group_latency_ms=5)) == 1


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"worst_agreement": 0.9989}, "cosine 0.9989, at least 0.999"),
        ({"same_label": 0.98}, "another label for 2% of the inputs"),
        ({"probability_error": 0.05}, "a probability by 0.050"),
        ({"inputs": 63}, "compared on 63 inputs only; 64 are needed"),
    ],
)
def test_lower_precision_that_disagrees_is_refused_with_its_figures(
    figures: dict[str, Any], reason: str
) -> None:
    found = choose([candidate(30), candidate(10, "bfloat16", **figures)])
    assert found[0].chosen
    assert reason in found[1].reason


def test_same_precision_must_be_the_same_but_for_rounding() -> None:
    assert chosen(candidate(30), candidate(10, worst_agreement=0.9999)) == 0
    assert chosen(candidate(30), candidate(10, worst_agreement=0.999999, inputs=8)) == 1


def test_unmeasured_candidates_keep_their_reason() -> None:
    failed = candidate(None).model_copy(update={"reason": "it failed here"})
    found = choose([candidate(30), failed])
    assert (found[0].chosen, found[1].reason) == (True, "it failed here")
    unknown = candidate(None).model_copy(update={"reason": "not measured: skipped"})
    assert [one.reason for one in choose([unknown, unknown])] == ["not measured: skipped"] * 2
    assert chosen(unknown, unknown) == 0


def test_receipt_has_the_figures_of_the_chosen_one() -> None:
    given = Receipt(engine="torch", device="cpu", dtype="float32", threads=2, candidates=[])
    fast = candidate(10, packs_weights=True, worst_agreement=0.999999, agreement=0.9999995)
    receipt = receipt_of(given, choose([candidate(30), fast]))
    assert (receipt.speedup, receipt.agreement, receipt.packs_weights) == (3.0, 0.9999995, True)
    assert len(receipt.candidates) == 2


def test_speedup_is_over_float32_only() -> None:
    given = Receipt(engine="torch", device="cpu", dtype="bfloat16", threads=2, candidates=[])
    pair = [candidate(30, "bfloat16"), candidate(10, "bfloat16", packs_weights=True)]
    assert receipt_of(given, choose(pair)).speedup is None
