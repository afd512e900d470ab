"""The commands of README and QUICKSTART work when a reader pastes them in one go."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.control_plane import Plane, running_plane

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Text of an error response; every command must succeed.
CURL = 'curl() { command curl --fail-with-body -sS "$@" || { echo "refused: $*" >&2; exit 1; }; }\n'


def blocks(document: str, kind: str) -> list[str]:
    """Blocks of a document without those that need the Hub or start the product."""
    text = (ROOT / document).read_text()
    found = [code for name, code in BLOCK.findall(text) if name == kind]
    return [
        code
        for code in found
        if not re.search(r"\bmake (run|test)\b|pip install|/preflight|from openai", code)
    ]


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """The real thing with the number of workers that a laptop has."""
    with running_plane(tmp_path / "plane", MAX_WORKERS="2") as started:
        yield started


def mapped(code: str, plane: Plane) -> str:
    """The same on the ports of this test."""
    first = plane.base + 5
    code = code.replace("localhost:8000", f"127.0.0.1:{plane.base}")
    code = code.replace(".venv/bin/slipway", f"{sys.executable} -m backend.cli")
    return re.sub(r"localhost:81(\d\d)", lambda port: f"127.0.0.1:{first + int(port[1])}", code)


def paste(code: str, plane: Plane) -> str:
    """Output of a shell; fails with the output on an error."""
    done = subprocess.run(
        ["bash", "-c", CURL + mapped(code, plane)], cwd=ROOT, capture_output=True, text=True,
        timeout=240, check=False, env={**os.environ, "SLIPWAY_URL": plane.url},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_readme_commands_run(plane: Plane) -> None:
    [tour] = [code for code in blocks("README.md", "sh") if "/predict" in code]
    printed = paste(tour, plane)
    assert '"state":"running"' in printed
    assert "POSITIVE" in printed


def test_quickstart_commands_run(plane: Plane) -> None:
    code = blocks("QUICKSTART.md", "sh")
    clean_up = [part for part in code if "DELETE" in part]
    printed = paste("\n".join(part for part in code if part not in clean_up), plane)
    assert printed.count('"label"') >= 3
    assert "generated_text" in printed
    assert "requests per second" in printed
    for script in blocks("QUICKSTART.md", "python"):
        done = subprocess.run(
            [sys.executable, "-c", mapped(script, plane)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "POSITIVE" in done.stdout
    paste("\n".join(clean_up), plane)
    assert plane.get("stories")["state"] == "paused"
