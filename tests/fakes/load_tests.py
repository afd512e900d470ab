"""Calls to the load tests of a control plane, by its API and by the command line."""

import os
import signal
import subprocess
import sys
from typing import Any

from tests.fakes.control_plane import HTTP, ROOT, Plane, until

OPEN = {"queued", "running"}


def url_of(plane: Plane, name: str) -> str:
    """URL of the load tests of a deployment."""
    return f"{plane.url}/api/v1/deployments/{name}/load-tests"


def start(plane: Plane, name: str, **request: Any) -> dict[str, Any]:
    """Start a load test."""
    response = HTTP.post(url_of(plane, name), json=request)
    assert response.status_code == 202, response.text
    return response.json()


def show(plane: Plane, name: str, test: dict[str, Any]) -> dict[str, Any]:
    """The test as it is now."""
    return HTTP.get(f"{url_of(plane, name)}/{test['id']}").json()


def ended(plane: Plane, name: str, test: dict[str, Any]) -> dict[str, Any]:
    """The test, once it has ended."""

    def poll() -> dict[str, Any] | None:
        found = show(plane, name, test)
        return found if found["state"] not in OPEN else None

    return until(poll, "the load test to end")


def slipway(*words: str) -> "subprocess.Popen[str]":
    """The command line, as a process group of its own; what it prints is in pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "backend.cli", *words], cwd=ROOT, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # Where the tests run in the background, a shell has told them to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
