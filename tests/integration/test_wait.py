"""`GET /deployments/{id}?wait=`: the answer comes when the deployment has settled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


def wait(plane: Plane, key: str, seconds: int) -> httpx.Response:
    return HTTP.get(f"{plane.url}/api/v1/deployments/{key}?wait={seconds}")


def test_it_answers_when_the_deployment_runs(plane: Plane) -> None:
    slow = {"serving": {"env": {"STUB_LOAD_SECONDS": "1.5"}}}
    accepted = plane.deploy("sentiment", name="one", **slow)
    assert accepted["state"] == "pending"
    assert wait(plane, "one", 60).json()["state"] == "running"


def test_it_answers_when_the_deployment_fails(plane: Plane) -> None:
    plane.deploy("sentiment", name="dies", serving={"env": {"STUB_MODE": "crash"}})
    assert wait(plane, "dies", 60).json()["state"] == "failed"


def test_it_answers_at_once_when_nothing_is_to_wait_for(plane: Plane) -> None:
    plane.deploy("sentiment", name="two")
    plane.wait("two", "running")
    plane.verb("two", "pause")
    assert wait(plane, "two", 600).json()["state"] == "paused"


def test_it_answers_with_the_state_when_the_time_is_over(plane: Plane) -> None:
    plane.deploy("sentiment", name="slow", serving={"env": {"STUB_LOAD_SECONDS": "20"}})
    assert wait(plane, "slow", 1).json()["state"] in {"pending", "initializing"}
    plane.verb("slow", "cancel")


def test_many_wait_for_the_same(plane: Plane) -> None:
    plane.deploy("sentiment", name="many", serving={"env": {"STUB_LOAD_SECONDS": "2"}})
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: wait(plane, "many", 60), range(20)))
    assert {answer.json()["state"] for answer in answers} == {"running"}


def test_a_delete_ends_the_wait(plane: Plane) -> None:
    plane.deploy("sentiment", name="gone", serving={"env": {"STUB_LOAD_SECONDS": "30"}})
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(wait, plane, "gone", 60)
        plane.wait("gone", "initializing")
        HTTP.delete(f"{plane.url}/api/v1/deployments/gone")
        answer = asked.result()
    assert answer.status_code in {404, 410} or answer.json()["state"] == "cancelled"


@pytest.mark.parametrize("seconds", ["-1", "601", "x", "1.5"])
def test_other_times_are_refused_by_name(plane: Plane, seconds: str) -> None:
    answer = HTTP.get(f"{plane.url}/api/v1/deployments/one?wait={seconds}")
    assert answer.status_code == 422
    assert "wait" in answer.text
