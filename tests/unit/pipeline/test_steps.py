"""The facts about the six steps, and what the board makes of them."""

from pathlib import Path
from typing import Any

import pytest

from backend.config import Settings
from backend.domain.deployment import STEP_NAMES, TRANSITIONS, State, StepName
from backend.pipeline.deploy import STEPS
from backend.pipeline.progress_tracker import ProgressTracker, Row
from backend.pipeline.step import Step
from backend.pipeline.supervisor import backoff


def tracker() -> ProgressTracker:
    """Six queued steps."""
    rows: dict[StepName, Row] = {
        step.name: Row(
            name=step.name,
            title=step.title,
            weight=step.weight,
            limit=60,
            estimate=step.estimate_seconds,
        )
        for step in STEPS
    }
    return ProgressTracker(deployment_id="dep_x", rows=rows)


def test_six_ordered_steps_with_weights_of_100() -> None:
    assert tuple(step.name for step in STEPS) == STEP_NAMES
    assert sum(step.weight for step in STEPS) == 100


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_has_file_and_timeout_setting(step: Step[..., Any]) -> None:
    folder = Path(__file__).parents[3] / "backend" / "pipeline" / "steps"
    assert (folder / f"{step.name}.py").is_file()
    assert step.setting.lower() in Settings.model_fields


def test_percent_never_decreases() -> None:
    shown = tracker()
    seen = []
    shown.begin("validate")
    shown.end("succeeded")
    seen.append(shown.percent)
    shown.reweigh(
        {"download": 90, "start": 6, "dependencies": 0, "prepare": 0, "verify": 0},
        dict.fromkeys(STEP_NAMES, 1.0),
    )
    shown.begin("download")
    for fraction in (0.5, 0.2, None, 0.9):
        shown.say("…", fraction, {}, "running")
        seen.append(shown.percent)
    shown.reweigh(
        {"download": 10, "start": 86, "dependencies": 0, "prepare": 0, "verify": 0},
        dict.fromkeys(STEP_NAMES, 1.0),
    )
    shown.end("succeeded")
    seen.append(shown.percent)
    assert seen == sorted(seen)
    assert seen[-1] <= 100


def test_interrupted_attempt_resumes_percent_and_elapsed_time() -> None:
    first = tracker()
    first.begin("download")
    first.say("half", 0.5, {}, "running")
    before = first.progress()
    second = tracker()
    second.resume(before)
    second.begin("validate")
    assert second.percent == first.percent
    assert second.elapsed >= before.elapsed_seconds


def test_eta_is_reported_only_with_data() -> None:
    shown = tracker()
    shown.begin("download")
    assert shown.eta is None
    shown.say("…", 0.1, {"eta_seconds": 10.0}, "running")
    assert shown.eta == pytest.approx(10 + 1 + 1 + 8 + 1 + 1)


def test_every_state_except_deleted_can_be_deleted() -> None:
    for state, ways in TRANSITIONS.items():
        assert (State.DELETED in ways) == (state != State.DELETED)


def test_restart_backoff_grows_to_one_minute() -> None:
    assert [backoff(count) for count in range(1, 10)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
