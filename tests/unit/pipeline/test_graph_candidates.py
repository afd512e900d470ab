"""Candidates that are prepared later, and the order in which all are measured."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.domain.deployment import Candidate
from backend.domain.graph import ExportFailed
from backend.pipeline.dependencies import Exporter
from backend.pipeline.graph_candidates import ordered, postponed, refused, split

# The exporters here look at neither the plan nor the server.
PLAN: Any = SimpleNamespace(model=None)
SPEC: Any = None


def candidate(**changes: Any) -> Candidate:
    usual: dict[str, Any] = {"engine": "torch", "dtype": "float32", "threads": 1, "chosen": False}
    return Candidate.model_validate(usual | {"reason": "not measured"} | changes)


class Known:
    """An exporter that has found something, or nothing, for every model."""

    is_on = True

    def __init__(self, found: Path | str | None) -> None:
        self.found = found

    def find(self, *_: object) -> Path | None:
        if isinstance(self.found, str):
            raise ExportFailed(self.found)
        return self.found


def parts(found: Path | str | None, *candidates: Candidate) -> Any:
    return split(candidates, PLAN, SPEC, cast("Exporter", Known(found)))


GRAPH = candidate(engine="openvino")


def test_graph_is_measured_if_it_is_there_and_pending_if_it_may_come() -> None:
    assert parts(Path("/graph"), candidate(), GRAPH) == ([candidate(), GRAPH], [], "/graph")
    now, [later], folder = parts(None, candidate(), GRAPH)
    assert (now, folder, later.is_pending) == ([candidate()], None, True)
    now, [never], folder = parts("it has loops", candidate(), GRAPH)
    assert (now, folder, never.is_pending) == ([candidate()], None, False)
    assert never.reason == "it cannot be exported: it has loops"
    assert parts("not asked", candidate()) == ([candidate()], [], None)


def test_only_what_there_was_no_time_for_is_postponed() -> None:
    found = [
        candidate(chosen=True),
        candidate(packs_weights=True, reason="not measured: skipped"),
        candidate(packs_weights=True, reason="it failed here: no memory"),
        candidate(packs_weights=True, latency_ms=1.0, reason="slower"),
    ]
    known = Known(None)
    postpone = postponed(found, cast("Exporter", known))
    assert [one.is_pending for one in postpone] == [False, True, False, False]
    assert "measured while the deployment serves" in postpone[1].reason
    known.is_on = False
    assert postponed(found, cast("Exporter", known)) == found


@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_candidates_are_ordered_by_precision_of_the_reference_first(engine: str) -> None:
    late = candidate(engine=engine, is_pending=True)
    half = candidate(dtype="bfloat16")
    assert ordered([candidate(), half, late]) == [candidate(), late, half]
    assert not refused(late, "why").is_pending
