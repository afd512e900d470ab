"""Load tests of deployments: what they measure, what ends them, and the command line."""

import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes.control_plane import HTTP, ROOT, Plane, running_plane, stub_plane, until

KEY = "a-key-of-more-than-sixteen"
OPEN = {"queued", "running"}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """Starters that require an API key, while the control plane does not."""
    with running_plane(tmp_path_factory.mktemp("real"), API_KEY=KEY) as started:
        for name in ("sentiment", "stories", "digits"):
            started.deploy(name, serving={"require_api_key": True})
        for name in ("sentiment", "stories", "digits"):
            started.wait(name, "running")
        yield started


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose model servers have no model."""
    with stub_plane(tmp_path_factory.mktemp("stub")) as started:
        started.deploy("sentiment", name="idle")
        started.wait("idle", "running")
        yield started


def path(plane: Plane, name: str) -> str:
    return f"{plane.url}/api/v1/deployments/{name}/load-tests"


def start(plane: Plane, name: str, **request: Any) -> dict[str, Any]:
    response = HTTP.post(path(plane, name), json=request)
    assert response.status_code == 202, response.text
    return response.json()


def show(plane: Plane, name: str, test: dict[str, Any]) -> dict[str, Any]:
    return HTTP.get(f"{path(plane, name)}/{test['id']}").json()


def ended(plane: Plane, name: str, test: dict[str, Any]) -> dict[str, Any]:
    """The test, once it has ended."""

    def poll() -> dict[str, Any] | None:
        found = show(plane, name, test)
        return found if found["state"] not in OPEN else None

    return until(poll, "the load test to end")


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


def answered(deployment: dict[str, Any]) -> float:
    """Requests that the model server has answered with 200, without this one."""
    headers = {"Authorization": f"Bearer {KEY}"}
    text = HTTP.get(f"{deployment['url']}/metrics", headers=headers).text
    pattern = r'slipway_requests_total\{[^}]*status="200"[^}]*\} (\S+)'
    return sum(map(float, re.findall(pattern, text)))


def test_figures_are_those_of_the_model_server(real: Plane) -> None:
    deployment = real.get("sentiment")
    before = answered(deployment)
    test = ended(real, "sentiment", start(real, "sentiment", seconds=1, concurrency=3))
    result = test["result"]
    assert (test["state"], test["problem"], result["errors"]) == ("completed", None, {})
    warm_up = test["input"]["count"]
    assert result["requests"] > 0
    # One is that of the metrics before.
    assert answered(deployment) - before - 1 == result["requests"] + warm_up
    latency = result["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"]
    rate = result["requests"] / result["seconds"]
    assert result["requests_per_second"] == pytest.approx(rate, rel=0.01)
    sizes = result["batch_size"]
    inputs = sizes["mean"] * sizes["batches"]
    assert inputs == pytest.approx(result["requests"], rel=0.01)
    assert sizes["mean"] <= 3
    assert sum(step["batches"] for step in sizes["distribution"]) == sizes["batches"]
    assert result["streaming"] is None
    assert test["created_at"] <= test["started_at"] <= test["ended_at"]
    assert HTTP.get(path(real, "sentiment")).json() == [test]


def test_text_generation_has_token_times(real: Plane) -> None:
    test = ended(real, "stories", start(real, "stories", seconds=1, concurrency=2))
    result, streaming = test["result"], test["result"]["streaming"]
    assert (test["state"], result["errors"]) == ("completed", {})
    # Each response has at most as many tokens as the samples request.
    assert result["requests"] < streaming["tokens"] <= 16 * result["requests"]
    first, between = streaming["time_to_first_token_ms"], streaming["inter_token_ms"]
    assert 0 < first["p50"] <= result["latency_ms"]["p50"]
    assert 0 < between["p50"] <= between["p95"]


def test_given_file_and_inputs_are_sent(real: Plane) -> None:
    image = (ROOT / "backend" / "starters" / "digits" / "sample.png").read_bytes()
    # A decoder reads no further than the end of the image; the control plane takes 1 MB elsewhere.
    image += bytes(2_000_000)
    file = {"content_type": "image/png", "content": base64.b64encode(image).decode()}
    with_file = start(real, "digits", seconds=1, file=file)
    # Queued until the other has ended.
    inputs = [{"inputs": "fine"}, {"inputs": "bad", "parameters": {"no_such": 1}}]
    rejected = start(real, "sentiment", seconds=1, inputs=inputs)
    found = ended(real, "digits", with_file)
    assert (found["state"], found["result"]["errors"]) == ("completed", {})
    assert found["input"] == {"kind": "file", "count": 1, "bytes": len(image)}
    failed = ended(real, "sentiment", rejected)
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert failed["problem"]["code"] == "load-test-rejected"
    assert "inputs[1]" in failed["message"]
    assert "no_such" in failed["message"]


def test_invalid_request_is_rejected(plane: Plane) -> None:
    response = HTTP.post(path(plane, "idle"), json={"concurrency": 1000})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-request")
    assert HTTP.post(path(plane, "nobody"), json={}).status_code == 404
    assert HTTP.get(f"{path(plane, 'idle')}/ldt_none").status_code == 404
    kind = {"Content-Type": "application/json"}
    large = HTTP.post(path(plane, "idle"), content=b" " * 17_000_000, headers=kind)
    assert (large.status_code, large.json()["code"]) == (413, "payload-too-large")


def test_cancel_ends_load_and_keeps_figures(plane: Plane) -> None:
    test = measuring(plane, "idle")
    second = HTTP.post(path(plane, "idle"), json={})
    assert (second.status_code, second.json()["code"]) == (409, "load-test-active")
    assert test["id"] in second.json()["remedy"]
    assert len(generators(plane)) == 1
    cancelled = HTTP.delete(f"{path(plane, 'idle')}/{test['id']}")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert cancelled.json()["result"]["requests"] > 0
    assert cancelled.json()["result"]["errors"] == {}
    assert generators(plane) == []
    again = HTTP.delete(f"{path(plane, 'idle')}/{test['id']}")
    assert again.json() == cancelled.json() == show(plane, "idle", test)


def test_queued_test_can_be_cancelled(plane: Plane) -> None:
    plane.deploy("sentiment", name="waiting")
    plane.wait("waiting", "running")
    first = measuring(plane, "idle")
    queued = start(plane, "waiting")
    assert queued["state"] == "queued"
    cancelled = HTTP.delete(f"{path(plane, 'waiting')}/{queued['id']}").json()
    assert (cancelled["state"], cancelled["result"]) == ("cancelled", None)
    assert show(plane, "idle", first)["state"] == "running"
    HTTP.delete(f"{path(plane, 'idle')}/{first['id']}")


def slipway(*words: str) -> "subprocess.Popen[str]":
    """The command line, as a process group of its own; what it prints is in pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "backend.cli", *words], cwd=ROOT, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_command_prints_figures_of_its_load_test(real: Plane) -> None:
    table = slipway("bench", "stories", "--seconds", "1", "--url", real.url)
    printed, errors = table.communicate(timeout=120)
    assert (table.returncode, errors) == (0, "")
    [newest, *_] = HTTP.get(path(real, "stories")).json()
    found = dict(re.findall(r"^(\S.*?) {2,}(\S.*)$", printed, re.MULTILINE))
    latency = newest["result"]["latency_ms"]["p50"]
    assert found["latency p50"] == f"{latency:.1f} ms"
    assert "first token p95" in found
    assert f"{newest['result']['requests']} requests" in printed


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
    [test, *_] = HTTP.get(path(plane, "idle")).json()
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
    refused = HTTP.post(path(plane, "paused"), json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
    assert plane.verb("paused", "resume").status_code == 202
    running = plane.wait("paused", "running")
    measuring(plane, "paused")
    assert HTTP.delete(f"{plane.url}/api/v1/deployments/paused").status_code == 202
    until(lambda: not generators(plane), "the load generator to be gone")
    assert HTTP.get(path(plane, running["id"])).status_code == 410
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
    newest = HTTP.get(path(plane, "idle")).json()
    assert [one["id"] for one in newest] == sorted((one["id"] for one in newest), reverse=True)
