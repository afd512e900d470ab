"""The control plane starts lean, and by the two commands that README gives without make."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "numpy", "PIL", "av", "sklearn", "ray")
START_SECONDS = 60


def test_control_plane_imports_no_model_library():
    code = (
        "import json, sys, backend.api_server;"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_plain_requirements_match_lock():
    """Without an index pip can only agree that everything named is there already."""
    command = ["-m", "pip", "install", "--dry-run", "--no-index", "-r", "backend/requirements.txt"]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, held together so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@dataclass(frozen=True)
class PipelineDependencies:
    backend: int
    frontend: int


@pytest.fixture
def ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PipelineDependencies:
    """Ports and folders of this test alone, in the environment of whatever it starts."""
    backend, frontend, metrics, models = free_ports(4)
    settings = {
        "BACKEND_PORT": backend,
        "FRONTEND_PORT": frontend,
        "METRICS_PORT": metrics,
        "MODEL_SERVE_PORT_START": models,
        "MODEL_SERVE_PORT_END": models,
        "MODEL_STORAGE_PATH": tmp_path / "storage",
        "TEMP_MODEL_PATH": tmp_path / "tmp",
        "LOGS_PATH": tmp_path / "logs",
        "HUGGINGFACE_CACHE_DIR": tmp_path / "hub",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    return PipelineDependencies(backend, frontend)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, of which nothing is left afterwards."""
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_response(process: subprocess.Popen[bytes], url: str, holds: bytes = b"") -> bytes:
    """The first body from `url` that `holds` this; fails if the process ends or is too slow."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                body = response.read()
        except OSError:
            body = None
        if body is not None and holds in body:
            return body
        time.sleep(0.1)
    pytest.fail(f"no answer from {url}; the process ended with {process.poll()}")


def test_backend_command_starts_control_plane_and_ctrl_c_stops_it(ports):
    with running(sys.executable, "-m", "backend.api_server") as process:
        wait_for_response(process, f"http://127.0.0.1:{ports.backend}/health")
        process.send_signal(signal.SIGINT)
        assert process.wait(START_SECONDS) in {0, 130, -signal.SIGINT}
    assert not accepts(ports.backend)


@pytest.mark.timeout(240)
def test_frontend_command_serves_wizard_and_proxies_api(ports):
    if not (ROOT / "node_modules").is_dir() and os.environ.get("CI") != "true":
        pytest.skip("the wizard's packages are not installed")
    page = f"http://localhost:{ports.frontend}"
    with (
        running(sys.executable, "-m", "backend.api_server") as first,
        running("npm", "run", "dev") as second,
    ):
        wait_for_response(first, f"http://127.0.0.1:{ports.backend}/health")
        wait_for_response(second, f"{page}/", holds=b"/@vite/client")
        assert wait_for_response(second, f"{page}/health") == wait_for_response(
            first, f"http://127.0.0.1:{ports.backend}/health"
        )


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_readme_has_two_terminal_start():
    text = (ROOT / "README.md").read_text()
    pin = (ROOT / "requirements" / "constraints.txt").read_text().strip()
    missing = [
        command
        for command in (
            f"pip install {pin}",
            "pip install -r backend/requirements.txt",
            "python -m backend.api_server",
            "npm run dev",
        )
        if not re.search(rf"\b{re.escape(command)}", text)
    ]
    assert missing == []
