"""Actions on a running deployment: pause, scale to zero, wake, restart, delete."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose model servers start at once."""
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def sleepy(plane: Plane) -> dict[str, Any]:
    """A deployment that nobody calls while the other tests run."""
    plane.deploy("sentiment", name="sleepy", serving={"idle_timeout_seconds": 10})
    return plane.wait("sleepy", "running")


def predict(deployment: dict[str, Any]) -> httpx.Response:
    """A prediction, on a connection of its own: kept ones end with their server."""
    with httpx.Client(verify=False, trust_env=False, timeout=60) as client:
        return client.post(deployment["endpoint"], json={"inputs": "a fine day"})


def proxied(plane: Plane, name: str) -> httpx.Response:
    """A prediction through the control plane."""
    return HTTP.post(f"{plane.url}/d/{name}/predict", json={"inputs": "a fine day"})


def assert_not_running(plane: Plane, deployment: dict[str, Any], verb: str) -> None:
    """Port and control plane say what starts it, and promise nothing to who waits."""
    name = deployment["name"]
    for refused in (predict(deployment), proxied(plane, name)):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (503, "deployment-not-running")
        assert f"POST /deployments/{name}/{verb}" in problem["remedy"]
        assert (problem["retryable"], problem["error_type"]) == (False, "unavailable")
        assert "retry-after" not in refused.headers
        assert "estimated_time" not in problem
        assert "Retry-After" not in refused.text


def test_resuming_deployment_returns_503_with_retry_after(plane: Plane) -> None:
    plane.deploy("sentiment", name="resumed", serving={"env": {"STUB_LOAD_SECONDS": "2"}})
    running = plane.wait("resumed", "running")
    for verb in ("pause", "resume"):
        assert plane.verb("resumed", verb).status_code == 202
    loading = predict(running)
    assert (loading.status_code, loading.json()["code"]) == (503, "model-loading")
    assert int(loading.headers["retry-after"]) >= 1
    assert loading.json()["estimated_time"] >= 1
    through = proxied(plane, "resumed")
    assert (through.status_code, through.json()["code"]) == (503, "model-loading")
    assert plane.verb("resumed", "cancel").status_code == 202
    until(lambda: plane.get("resumed")["state"] == "cancelled", "the cancel")
    until(lambda: is_closed(running), "its port to be closed")
    cancelled = proxied(plane, "resumed").json()
    assert (cancelled["code"], "/resumed/retry" in cancelled["remedy"]) == (
        "deployment-not-running",
        True,
    )


def is_closed(deployment: dict[str, Any]) -> bool:
    """Whether nobody accepts at its port."""
    try:
        predict(deployment)
    except httpx.ConnectError:
        return True
    return False


def test_paused_deployment_returns_503_until_resumed(plane: Plane) -> None:
    plane.deploy("sentiment", name="paused")
    running = plane.wait("paused", "running")
    assert plane.verb("paused", "pause").status_code == 202
    assert_not_running(plane, running, "resume")
    assert plane.verb("paused", "pause").status_code == 409
    assert plane.verb("paused", "resume").status_code == 202
    again = plane.wait("paused", "running")
    assert again["endpoint"] == running["endpoint"]
    assert predict(again).status_code == 200


def test_restart_starts_new_server_on_same_port(plane: Plane) -> None:
    plane.deploy("sentiment", name="restarted")
    running = plane.wait("restarted", "running")
    before = predict(running).json()
    assert plane.verb("restarted", "restart").status_code == 202
    again = plane.wait("restarted", "running")
    after = predict(again).json()
    assert (again["endpoint"], again["version"]) == (running["endpoint"], running["version"])
    assert after["pid"] != before["pid"]
    assert after["generation"] > before["generation"]


def test_delete_removes_everything(plane: Plane) -> None:
    plane.deploy("sentiment", name="deleted")
    running = plane.wait("deleted", "running")
    pid = predict(running).json()["pid"]
    response = HTTP.delete(f"{plane.url}/api/v1/deployments/deleted")
    assert response.status_code in {200, 202}, response.text
    until(lambda: pid not in plane.server_pids(), "the server to be gone")
    until(lambda: not (plane.folder / "storage" / running["id"]).exists(), "its files to be gone")
    with pytest.raises(httpx.ConnectError):
        predict(running)


def test_idle_deployment_scales_to_zero_and_wakes(plane: Plane, sleepy: dict[str, Any]) -> None:
    asleep = until(
        lambda: plane.get("sleepy") if plane.get("sleepy")["state"] == "scaledToZero" else None,
        "it to fall asleep",
    )
    assert "10 s" in asleep["message"]
    # The state is scaled to zero while the server still finishes its requests.
    until(lambda: predict(sleepy).status_code == 503, "the port to say what to do")
    assert_not_running(plane, sleepy, "resume")
    assert asleep["state"] == plane.get("sleepy")["state"], "a request wakes nothing"
    assert plane.verb("sleepy", "resume").status_code == 202
    awake = plane.wait("sleepy", "running")
    assert awake["endpoint"] == sleepy["endpoint"]
    assert predict(awake).status_code == 200
