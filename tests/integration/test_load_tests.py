"""What ends a load test, and the command line; what it measures is in test_deploy_starter.py."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until
from tests.fakes.load_tests import ended, show, slipway, start, url_of

KEY = "a-key-of-more-than-sixteen"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose model servers have no model; that of `idle` requires a key."""
    with stub_plane(tmp_path_factory.mktemp("stub"), API_KEY=KEY) as started:
        started.deploy("sentiment", name="idle", serving={"require_api_key": True})
        started.wait("idle", "running")
        yield started


def measuring(plane: Plane, name: str, **request: Any) -> dict[str, Any]:
    """A test of at most two minutes that has sent requests."""
    test = start(plane, name, seconds=120, **request)

    def poll() -> bool:
        progress = show(plane, name, test)["progress"]
        return progress is not None and progress["requests"] > 0

    until(poll, "the first requests")
    return test


def generators(plane: Plane) -> list[psutil.Process]:
    """Processes that send requests for this control plane."""
    assert plane.process is not None
    found: list[psutil.Process] = []
    for child in psutil.Process(plane.process.pid).children():
        with contextlib.suppress(psutil.Error):
            if "backend.load_test" in child.cmdline():
                found.append(child)
    return found


def test_invalid_request_is_rejected(plane: Plane) -> None:
    response = HTTP.post(url_of(plane, "idle"), json={"concurrency": 1000})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")
    assert HTTP.post(url_of(plane, "nobody"), json={}).status_code == 404
    assert HTTP.get(f"{url_of(plane, 'idle')}/ldt_none").status_code == 404
    kind = {"Content-Type": "application/json"}
    large = HTTP.post(url_of(plane, "idle"), content=b" " * 17_000_000, headers=kind)
    assert (large.status_code, large.json()["code"]) == (413, "payload-too-large")


def test_cancel_ends_load_and_keeps_figures(plane: Plane) -> None:
    test = measuring(plane, "idle")
    second = HTTP.post(url_of(plane, "idle"), json={})
    assert (second.status_code, second.json()["code"]) == (409, "load-test-active")
    assert test["id"] in second.json()["remedy"]
    assert len(generators(plane)) == 1
    cancelled = HTTP.delete(f"{url_of(plane, 'idle')}/{test['id']}")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert cancelled.json()["result"]["requests"] > 0
    assert cancelled.json()["result"]["errors"] == {}
    assert generators(plane) == []
    again = HTTP.delete(f"{url_of(plane, 'idle')}/{test['id']}")
    assert again.json() == cancelled.json() == show(plane, "idle", test)


def test_queued_test_can_be_cancelled(plane: Plane) -> None:
    plane.deploy("sentiment", name="waiting")
    plane.wait("waiting", "running")
    first = measuring(plane, "idle")
    queued = start(plane, "waiting")
    assert queued["state"] == "queued"
    cancelled = HTTP.delete(f"{url_of(plane, 'waiting')}/{queued['id']}").json()
    assert (cancelled["state"], cancelled["result"]) == ("cancelled", None)
    assert show(plane, "idle", first)["state"] == "running"
    HTTP.delete(f"{url_of(plane, 'idle')}/{first['id']}")


def test_command_reports_problem_with_remedy(plane: Plane, tmp_path: Path) -> None:
    url = ["--url", plane.url]
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_text('{"inputs": "a"}\n\n{"inputs": "b"}\n')
    whole = ["bench", "idle", "--seconds", "1", "--json", "--file", str(bodies), *url]
    missing = ["bench", "nobody", *url]
    unreachable = ["bench", "idle", "--url", "http://127.0.0.1:9"]
    runs = [slipway(*words) for words in (whole, missing, unreachable)]
    (printed, _), (_, unknown), (_, refused) = (run.communicate(timeout=120) for run in runs)
    assert [run.returncode for run in runs] == [0, 1, 1]
    found = json.loads(printed)
    assert (found["state"], found["input"]["count"]) == ("completed", 2)
    assert found == show(plane, "idle", found)
    assert "No deployment 'nobody'" in unknown
    assert "--url" in refused
    assert "Traceback" not in unknown + refused


def test_interrupted_command_cancels_its_load_test(plane: Plane) -> None:
    run = slipway("bench", "idle", "--seconds", "120", "--url", plane.url)
    until(lambda: generators(plane), "the load generator")
    [test, *_] = HTTP.get(url_of(plane, "idle")).json()
    until(lambda: show(plane, "idle", test)["progress"], "the first requests")
    run.send_signal(signal.SIGINT)
    printed, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "requests per second" in printed
    assert "cancelled" in errors
    assert show(plane, "idle", test)["state"] == "cancelled"
    assert generators(plane) == []


def test_pause_and_deletion_end_the_test(plane: Plane) -> None:
    plane.deploy("sentiment", name="paused")
    plane.wait("paused", "running")
    test = measuring(plane, "paused")
    assert plane.verb("paused", "pause").status_code == 202
    found = ended(plane, "paused", test)
    assert (found["state"], found["problem"]) == ("cancelled", None)
    assert "stopped" in found["message"]
    refused = HTTP.post(url_of(plane, "paused"), json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
    assert plane.verb("paused", "resume").status_code == 202
    running = plane.wait("paused", "running")
    measuring(plane, "paused")
    assert HTTP.delete(f"{plane.url}/api/v1/deployments/paused").status_code == 202
    until(lambda: not generators(plane), "the load generator to be gone")
    assert HTTP.get(url_of(plane, running["id"])).status_code == 410
    assert ended(plane, "idle", start(plane, "idle", seconds=1))["state"] == "completed"


def test_crash_of_model_server_fails_the_test(plane: Plane) -> None:
    plane.deploy("sentiment", name="crashing")
    running = plane.wait("crashing", "running")
    test = measuring(plane, "crashing")
    os.kill(HTTP.post(running["endpoint"], json={}).json()["pid"], signal.SIGKILL)
    found = ended(plane, "crashing", test)
    assert (found["state"], found["problem"]["code"]) == ("failed", "load-test-interrupted")
    assert "no longer runs" in found["message"]


def test_killed_control_plane_leaves_failed_test(plane: Plane) -> None:
    test = measuring(plane, "idle")
    [generator] = generators(plane)
    plane.end(signal.SIGKILL)
    until(lambda: not generator.is_running(), "the load generator to be gone")
    plane.start()
    found = show(plane, "idle", test)
    assert (found["state"], found["problem"]["code"]) == ("failed", "load-test-interrupted")
    assert found["ended_at"] is not None
    assert ended(plane, "idle", start(plane, "idle", seconds=1))["state"] == "completed"
    newest = HTTP.get(url_of(plane, "idle")).json()
    assert [one["id"] for one in newest] == sorted((one["id"] for one in newest), reverse=True)
