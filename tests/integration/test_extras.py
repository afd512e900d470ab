"""A library that a model needs: from our own lock into a folder of its own, for its server alone.

Asks the package registry, through pip and the settings of whoever runs the tests.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane

EXTRA = "sentencepiece"
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec(EXTRA) is not None, reason=f"{EXTRA} is installed here already"
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


def overlays(plane: Plane) -> list[Path]:
    return list((plane.folder / "storage" / "environments").iterdir())


def test_extra_is_installed_once_and_visible_to_its_servers_only(plane: Plane) -> None:
    plane.deploy("sentiment", name="first", dependencies={"extras": [EXTRA]})
    plane.wait("first", "running")
    [overlay] = overlays(plane)
    [pid] = plane.server_pids()
    environment = psutil.Process(pid).environ()
    assert environment["PYTHONPATH"] == str(overlay)
    code = f"import {EXTRA}; print({EXTRA}.__file__)"
    seen = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert Path(seen.stdout.strip()).is_relative_to(overlay)
    assert importlib.util.find_spec(EXTRA) is None

    made = overlay.stat().st_ctime_ns
    plane.deploy("sentiment", name="second", dependencies={"extras": [EXTRA]})
    plane.wait("second", "running")
    assert overlays(plane) == [overlay]
    assert overlay.stat().st_ctime_ns == made
    log = HTTP.get(f"{plane.url}/api/v1/deployments/second/logs").text
    assert "is already installed" in log


def test_deployments_that_require_the_same_extra_at_once_install_it_once(plane: Plane) -> None:
    before = set(overlays(plane))
    names = ("one", "two", "three")
    for name in names:
        plane.deploy("sentiment", name=name, dependencies={"extras": ["sacremoses"]})
    plane.verb("one", "cancel")
    for name in names[1:]:
        plane.wait(name, "running")
    assert len(set(overlays(plane)) - before) == 1
    logs = [HTTP.get(f"{plane.url}/api/v1/deployments/{name}/logs").text for name in names]
    assert sum("sacremoses is installed" in log for log in logs) == 1


def test_unknown_extra_is_rejected_by_name(plane: Plane) -> None:
    body = {
        "model_id": "sentiment", "source": "starter", "dependencies": {"extras": ["numpy-evil"]},
    }  # fmt: skip
    verdict = HTTP.post(f"{plane.url}/api/v1/preflight", json=body).json()
    [blocked] = [item for item in verdict["items"] if item["verdict"] == "block"]
    assert "numpy-evil" in blocked["detail"]
