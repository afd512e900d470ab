"""For every kind of adapter that is merged, the merged model returns what the unmerged one does.

And every kind of the locked peft is either merged here or refused, so that a new version of it is
noticed.
"""

import json

import pytest

from backend.tasks.peft_adapters import MERGED, adapter_of
from tests.fakes.locked_extras import installed, run_with

# The largest difference of logits that rounding explains; adapters change them by more than 0.05.
SAME = 1e-4
CHANGED = 0.05


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Largest differences by kind: of the adapter to the base model, and of merged to unmerged."""
    extra = installed("peft")
    return json.loads(run_with(extra, "-m", "tests.fakes.adapter_kinds"))


def test_merged_adapter_returns_what_the_unmerged_one_does(
    measured: dict[str, dict[str, float]],
) -> None:
    kinds = {kind: found for kind, found in measured.items() if kind in MERGED}
    assert kinds.keys() == MERGED.keys()
    assert {kind: found for kind, found in kinds.items() if found["merged"] > SAME} == {}
    assert {kind: found for kind, found in kinds.items() if found["changed"] < CHANGED} == {}


def test_all_other_kinds_are_refused(measured: dict[str, dict[str, float]]) -> None:
    others = measured.keys() - MERGED.keys()
    assert "PROMPT_TUNING" in others
    accepted = [one for one in others if adapter_of({"peft_type": one}, {}).refused is None]
    assert accepted == []
