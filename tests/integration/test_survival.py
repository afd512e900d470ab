"""The control plane may be killed; what it started goes on, and is found again."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fakes.calls import Caller
from tests.fakes.command_lines import command_of
from tests.fakes.control_plane import HTTP, Plane, running_plane, stub_plane, until
from tests.fakes.hub import FakeHub, Fault
from tests.fakes.models import big_llama

SIZE = 200_000_000
MOST_FETCHED_AGAIN = 8 * 2**20


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """A control plane of this test's own; its model servers start at once."""
    with stub_plane(tmp_path / "plane") as started:
        yield started


def test_no_request_fails_while_control_plane_is_killed_and_restarted(tmp_path: Path) -> None:
    with running_plane(tmp_path / "plane") as plane:
        plane.deploy("sentiment")
        running = plane.wait("sentiment", "running")
        before = plane.server_pids()
        with Caller(running["endpoint"]) as caller:
            until(lambda: caller.succeeded > 10, "the first answers")
            plane.end(signal.SIGKILL)
            succeeded = caller.succeeded
            until(lambda: caller.succeeded > succeeded + 10, "answers without a control plane")
            plane.start()
            adopted = plane.wait("sentiment", "running")
            succeeded = caller.succeeded
            until(lambda: caller.succeeded > succeeded + 10, "answers after the adoption")
        assert caller.failed == []
        assert plane.server_pids() == before
        assert adopted["generation"] == running["generation"]


def test_killed_server_is_restarted_and_cause_is_reported(plane: Plane) -> None:
    plane.deploy("sentiment")
    running = plane.wait("sentiment", "running")
    [pid] = plane.server_pids()
    os.kill(pid, signal.SIGKILL)
    until(lambda: plane.get("sentiment")["state"] == "initializing", "the crash to be seen")
    assert "signal 9" in plane.get("sentiment")["message"]
    meanwhile = HTTP.post(running["endpoint"], json={"inputs": "hello"}, timeout=60)
    if meanwhile.status_code != 200:
        assert meanwhile.status_code == 503
        assert meanwhile.headers["Retry-After"]
        assert meanwhile.json()["error_type"] == "loading"
    again = plane.wait("sentiment", "running")
    assert again["port"] == running["port"]
    assert plane.server_pids() != [pid]


def test_server_that_died_during_downtime_is_restarted(plane: Plane) -> None:
    plane.deploy("sentiment")
    plane.wait("sentiment", "running")
    [pid] = plane.server_pids()
    plane.end(signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    plane.start()
    plane.wait("sentiment", "running")
    assert plane.server_pids() not in ([], [pid])


def test_crash_looping_server_fails_with_its_log(tmp_path: Path) -> None:
    with stub_plane(tmp_path / "plane", RESTART_LIMIT="1") as plane:
        plane.deploy("sentiment")
        plane.wait("sentiment", "running")
        for _ in range(2):
            [pid] = until(plane.server_pids, "a server")
            os.kill(pid, signal.SIGKILL)
            until(lambda: plane.get("sentiment")["state"] != "running", "the crash to be seen")
            until(lambda: plane.get("sentiment")["state"] in {"running", "failed"}, "what follows")
        failed = plane.get("sentiment")
        last = plane.events("sentiment")[-1]
        assert (failed["state"], failed["problem"]["code"]) == ("failed", "crash-loop")
        assert "signal 9" in failed["problem"]["detail"]
        assert last["details"]["log_tail"]
        assert plane.verb("sentiment", "retry").status_code == 202
        plane.wait("sentiment", "running")


def test_sigint_stops_models_and_sigterm_keeps_them(plane: Plane) -> None:
    plane.deploy("sentiment")
    running = plane.wait("sentiment", "running")
    assert plane.end(signal.SIGTERM) == 0
    assert HTTP.post(running["endpoint"], json={"inputs": "hi"}).status_code == 200
    plane.start()
    assert plane.end(signal.SIGINT) == 0
    until(lambda: not plane.processes(), "every process to be gone", 15)


def test_download_resumes_after_kill(tmp_path: Path) -> None:
    model = big_llama(tmp_path / "model", SIZE)
    size = (model / "model.safetensors").stat().st_size
    with FakeHub() as hub:
        hub.add("tiny/llama", model)
        hub.fault(Fault("throttle", "*model.safetensors", rate=60_000_000))
        with running_plane(tmp_path / "plane", HF_ENDPOINT=hub.url) as plane:
            plane.deploy("tiny/llama", source="hub", name="llama")
            until(lambda: hub.sent("model.safetensors") > size / 2, "half of the download")
            plane.end(signal.SIGKILL)
            until(lambda: not _workers(plane), "the worker to notice")
            plane.start()
            plane.wait("llama", "running", patience=240)
            events = plane.events("llama")
        assert hub.sent("model.safetensors") - size <= MOST_FETCHED_AGAIN
    percents = [event["percent"] for event in events]
    assert percents == sorted(percents)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    with_bytes = [e for e in events if e["details"].get("bytes_total")]
    assert with_bytes[-1]["details"]["bytes_done"] <= with_bytes[-1]["details"]["bytes_total"]


def _workers(plane: Plane) -> list[psutil.Process]:
    return [p for p in plane.processes() if "backend.hub.worker" in command_of(p)]


def test_cancel_removes_process_and_partial_files(tmp_path: Path) -> None:
    model = big_llama(tmp_path / "model", 30_000_000)
    with FakeHub() as hub:
        hub.add("tiny/llama", model)
        hub.fault(Fault("throttle", "*model.safetensors", rate=1_000_000))
        with stub_plane(tmp_path / "plane", HF_ENDPOINT=hub.url) as plane:
            plane.deploy("tiny/llama", source="hub", name="llama")
            until(lambda: hub.sent("model.safetensors") > 1_000_000, "the download")
            began = time.monotonic()
            response = plane.verb("llama", "cancel")
            until(lambda: plane.get("llama")["state"] == "cancelled", "the cancel", 5)
            assert response.status_code == 202
            assert time.monotonic() - began < 5.0
            assert [path for path in (plane.folder / "tmp").rglob("*") if path.is_file()] == []
            assert plane.server_pids() == []
            assert _workers(plane) == []
            hub.clear_faults()
            assert plane.verb("llama", "retry").status_code == 202
            assert plane.wait("llama", "running")["proof"]["output"]
