"""Runs a real control plane with its own storage and ports, and talks to it as a client would."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from tests.fakes import locked_extras
from tests.fakes.command_lines import command_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 150.0
T = TypeVar("T")
# One client for all: each new one reads the certificates again, which loopback has no use for.
HTTP = httpx.Client(verify=False, timeout=60, trust_env=False)
ENDINGS = frozenset({"running", "failed", "cancelled", "paused"})
# What a test's control plane may see of our environment; proxies would send loopback elsewhere.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
PIP = "PIP_"  # pip uses the package index of this environment


def until(
    poll: Callable[[], T | None], what: str, patience: float = PATIENCE_SECONDS, pause: float = 0.05
) -> T:
    """Call `poll` until it returns a true value. Fails with `what` after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = poll()
        if found:
            return found
        time.sleep(pause)
    message = f"waited {patience:.0f} s for {what}"
    raise AssertionError(message)


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that nobody listens on, below the ephemeral range."""
    # Tests that run beside these in another worker have a range of their own.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    begin = 20_000 + worker * 3_000 + (os.getpid() * 97) % 3_000
    for first in range(begin, 32_000, count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    sock = stack.enter_context(socket.socket())
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    message = "no free ports in a row"
    raise AssertionError(message)


@dataclass
class Plane:
    """One control plane; the process may be ended and started again on the same storage."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    base: int = field(default_factory=lambda: free_ports(40))
    module: str = "backend.api_server"
    # Folder of extras; None: of its own.
    extras: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """URL of the API."""
        return f"http://127.0.0.1:{self.base}"

    @property
    def environment(self) -> dict[str, str]:
        """Its whole environment."""
        ours = {
            "BACKEND_PORT": self.base, "FRONTEND_PORT": self.base + 1,
            "METRICS_PORT": self.base + 2,
            "MODEL_SERVE_PORT_START": self.base + 5, "MODEL_SERVE_PORT_END": self.base + 39,
            "MODEL_STORAGE_PATH": self.folder / "storage", "TEMP_MODEL_PATH": self.folder / "tmp",
            "LOGS_PATH": self.folder / "logs", "HUGGINGFACE_CACHE_DIR": self.folder / "hub",
            "HF_HOME": self.folder / "no-home", "HF_ENDPOINT": "http://127.0.0.1:9",
        }  # fmt: skip
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name in INHERITED or name.startswith(PIP)
        }
        return {**inherited, **{name: str(value) for name, value in ours.items()}, **self.settings}

    def start(self) -> "Plane":
        """Start it and wait until it is ready."""
        self.spawn()
        until(self.is_ready, "the control plane")
        return self

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it; does not wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own = self.folder / "storage" / "environments"
        if self.extras is not None and not own.exists():
            self.extras.mkdir(exist_ok=True)
            own.parent.mkdir(exist_ok=True)
            own.symlink_to(self.extras)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=self.folder,
                env={**self.environment, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self.process

    @property
    def output(self) -> Path:
        """What it printed."""
        return self.folder / "output.txt"

    def is_ready(self) -> bool:
        """Whether `/ready` returns 200; fails at once when the process has exited."""
        if self.process is not None and self.process.poll() is not None:
            message = f"it ended with {self.process.returncode}: {self.output.read_text()[-2000:]}"
            raise AssertionError(message)
        with contextlib.suppress(httpx.TransportError):
            return HTTP.get(f"{self.url}/ready", timeout=5).status_code == 200
        return False

    def end(self, number: signal.Signals, patience: float = 30) -> int:
        """Send a signal and wait; the exit status."""
        if self.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(patience)

    def deploy(self, model_id: str, **more: Any) -> dict[str, Any]:
        """Deploy a starter unless `source` is given; returns the accepted deployment."""
        body = {"model_id": model_id, "source": "starter", **more}
        response = HTTP.post(f"{self.url}/api/v1/deployments", json=body)
        assert response.status_code == 202, response.text
        return response.json()

    def preflight(self, model_id: str, **more: Any) -> dict[str, Any]:
        """The preflight of this request."""
        body = {"model_id": model_id, **more}
        response = HTTP.post(f"{self.url}/api/v1/preflight", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def get(self, key: str) -> dict[str, Any]:
        """One deployment."""
        response = HTTP.get(f"{self.url}/api/v1/deployments/{key}")
        assert response.status_code == 200, response.text
        return response.json()

    def verb(self, key: str, verb: str, **body: Any) -> httpx.Response:
        """Cancel, pause, resume, retry, restart."""
        return HTTP.post(f"{self.url}/api/v1/deployments/{key}/{verb}", json=body or None)

    def events(self, key: str) -> list[dict[str, Any]]:
        """Everything recorded about it."""
        return HTTP.get(f"{self.url}/api/v1/deployments/{key}/events").json()

    def wait(self, key: str, *states: str, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Until it is in one of the states; fails at once in another final one."""

        def poll() -> dict[str, Any] | None:
            now = self.get(key)
            if now["state"] in states:
                return now
            if now["state"] in ENDINGS - {"paused"} and now["state"] != "running":
                message = f"{key} is {now['state']}: {now['problem']}"
                raise AssertionError(message)
            return None

        return until(poll, f"{key} to be {' or '.join(states)}", patience)

    def processes(self) -> list[psutil.Process]:
        """Every process that was started for this storage."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = " ".join(process.cmdline())
                if str(self.folder) in words:
                    found.append(process)
        return found

    def server_pids(self) -> list[int]:
        """Pids of its model servers."""
        return [process.pid for process in self.processes() if "--fd" in command_of(process)]


@contextlib.contextmanager
def running_plane(
    folder: Path, module: str = "backend.api_server", **settings: str
) -> Iterator[Plane]:
    """A started control plane; at the end everything it started is gone.

    Extras are those that it has in common with others of this process.
    """
    with started_plane(
        Plane(folder, settings, module=module, extras=locked_extras.SHARED)
    ) as plane:
        yield plane


@contextlib.contextmanager
def started_plane(plane: Plane) -> Iterator[Plane]:
    """The same, of a plane whose settings depend on its ports."""
    try:
        yield plane.start()
    finally:
        if plane.process is not None and plane.process.poll() is None:
            plane.end(signal.SIGINT)
        for process in plane.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()


@contextlib.contextmanager
def stub_plane(folder: Path, **settings: str) -> Iterator[Plane]:
    """The same, with stub model servers: for tests that do not depend on model outputs."""
    with started_plane(Plane(folder, settings, module="tests.fakes.stub_control_plane")) as plane:
        yield plane
