"""`GET /deployments/{id}?wait=`: the response is sent when the deployment reaches a final state."""

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


def test_wait_returns_when_deployment_runs(plane: Plane) -> None:
    slow = {"serving": {"env": {"STUB_LOAD_SECONDS": "1.5"}}}
    accepted = plane.deploy("sentiment", name="one", **slow)
    assert accepted["state"] == "pending"
    assert wait(plane, "one", 60).json()["state"] == "running"


def test_wait_returns_when_deployment_fails(plane: Plane) -> None:
    plane.deploy("sentiment", name="dies", serving={"env": {"STUB_MODE": "crash"}})
    assert wait(plane, "dies", 60).json()["state"] == "failed"


def test_wait_returns_at_once_in_final_state(plane: Plane) -> None:
    plane.deploy("sentiment", name="two")
    plane.wait("two", "running")
    plane.verb("two", "pause")
    assert wait(plane, "two", 600).json()["state"] == "paused"


def test_wait_returns_state_after_timeout(plane: Plane) -> None:
    plane.deploy("sentiment", name="slow", serving={"env": {"STUB_LOAD_SECONDS": "20"}})
    assert wait(plane, "slow", 1).json()["state"] in {"pending", "initializing"}
    plane.verb("slow", "cancel")


def test_many_clients_can_wait_for_one_deployment(plane: Plane) -> None:
    plane.deploy("sentiment", name="many", serving={"env": {"STUB_LOAD_SECONDS": "2"}})
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: wait(plane, "many", 60), range(20)))
    assert {response.json()["state"] for response in responses} == {"running"}


def test_delete_ends_wait(plane: Plane) -> None:
    plane.deploy("sentiment", name="gone", serving={"env": {"STUB_LOAD_SECONDS": "30"}})
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(wait, plane, "gone", 60)
        plane.wait("gone", "initializing")
        HTTP.delete(f"{plane.url}/api/v1/deployments/gone")
        response = pending.result()
    assert response.status_code in {404, 410} or response.json()["state"] == "cancelled"


@pytest.mark.parametrize("seconds", ["-1", "601", "x", "1.5"])
def test_invalid_wait_is_rejected_by_name(plane: Plane, seconds: str) -> None:
    response = HTTP.get(f"{plane.url}/api/v1/deployments/one?wait={seconds}")
    assert response.status_code == 422
    assert "wait" in response.text
