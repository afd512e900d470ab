"""Twenty deployments at once: all reach running, and the API stays responsive."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane, stub_plane, until

COUNT = 20
STARTERS = ("sentiment", "digits", "tones", "stories")
AT_ONCE = 2  # MAX_WORKERS


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "start_plane",
    [
        pytest.param(stub_plane, id="stubs"),
        pytest.param(running_plane, id="models", marks=pytest.mark.long),
    ],
)
def test_twenty_concurrent_deployments_run_on_distinct_ports(
    tmp_path: Path, start_plane: Callable[[Path], AbstractContextManager[Plane]]
) -> None:
    seconds: list[float] = []
    with start_plane(tmp_path / "plane") as plane:

        def listed() -> list[dict[str, Any]]:
            began = time.perf_counter()
            page = HTTP.get(f"{plane.url}/api/v1/deployments?limit=200").json()
            seconds.append(time.perf_counter() - began)
            return page["items"]

        def all_running() -> bool:
            states = [item["state"] for item in listed()]
            assert "failed" not in states
            assert sum(state == "initializing" for state in states) <= AT_ONCE
            return states == ["running"] * COUNT

        for number in range(COUNT):
            plane.deploy(STARTERS[number % 4], name=f"crowd-{number}")
        waiting = [item["message"] for item in listed() if item["state"] == "pending"]
        assert any("place" in message for message in waiting)
        until(all_running, "all to run", 500, pause=0.2)
        assert len({item["port"] for item in listed()}) == COUNT
    slowest = sorted(seconds)[int(len(seconds) * 0.99)]
    print(f"{len(seconds)} lists of deployments meanwhile, p99 {slowest * 1000:.0f} ms")
