"""Twenty deployments at once: all get there, in turn, and the API stays quick to answer."""

from pathlib import Path

import pytest

from tests.fakes.plane import HTTP, running_plane, until

COUNT = 20
STARTERS = ("sentiment", "digits", "tones", "stories")


@pytest.mark.timeout(600)
def test_twenty_at_once_all_reach_running_on_ports_of_their_own(tmp_path: Path) -> None:
    with running_plane(tmp_path / "plane") as plane:
        for number in range(COUNT):
            plane.deploy(STARTERS[number % 4], name=f"crowd-{number}")
        listed = HTTP.get(f"{plane.url}/api/v1/deployments?limit=200").json()["items"]
        waiting = [item["message"] for item in listed if item["state"] == "pending"]
        assert any("place" in message for message in waiting)

        def all_running() -> bool:
            page = HTTP.get(f"{plane.url}/api/v1/deployments?limit=200").json()
            states = [item["state"] for item in page["items"]]
            assert "failed" not in states
            working = sum(state == "initializing" for state in states)
            assert working <= 2
            return states == ["running"] * COUNT

        until(all_running, "all to run", 500, pause=0.5)
        page = HTTP.get(f"{plane.url}/api/v1/deployments?limit=200").json()["items"]
        assert len({item["port"] for item in page}) == COUNT
