"""The check of a GPU: how responses are compared, and what it says without a GPU."""

import subprocess
import sys

import pytest

from benchmarks.gpu.agreement import agreement
from benchmarks.gpu.checks import Row
from benchmarks.gpu.device import visible
from benchmarks.processes import ROOT


def classes(**scores: float) -> list[dict[str, object]]:
    return [{"label": label, "score": score} for label, score in scores.items()]


def test_labels_are_compared_with_their_scores() -> None:
    usual = [classes(good=0.9, bad=0.1), [classes(good=0.2, bad=0.8)]]
    found = [classes(good=0.88, bad=0.12), [classes(good=0.6, bad=0.4)]]
    compared = agreement("text-classification", usual, found)
    assert compared.same == 0.5
    assert compared.score_error == pytest.approx(0.4)


def test_texts_are_compared_up_to_the_first_word_that_differs() -> None:
    usual = [[{"generated_text": "one two three four"}], {"generated_text": "one"}]
    found = [[{"generated_text": "one two seven four"}], {"generated_text": "one"}]
    assert agreement("text-generation", usual, found).same == 0.75


def test_what_is_wrong_is_named() -> None:
    same = agreement("text-classification", [classes(a=0.9)], [classes(a=0.9)])
    row = Row(
        model="m", device="cuda:0", dtype="bfloat16", agreement=same, one=10.0, many=100.0,
        cpu_one=5.0, streamed=None, memory=None, estimate=None, errors=0,
    )  # fmt: skip
    assert row.problems == []
    other = agreement("text-classification", [classes(a=0.9, b=0.1)], [classes(a=0.1, b=0.9)])
    wrong = Row(**vars(row) | {"agreement": other, "errors": 2, "streamed": 0, "many": 1.0})
    assert len(wrong.problems) == 5


@pytest.mark.skipif(bool(visible()["names"]), reason="this machine has a GPU")
def test_it_is_skipped_without_a_gpu() -> None:
    run = [sys.executable, "-m", "benchmarks.gpu"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "skipped: no CUDA device\n"
