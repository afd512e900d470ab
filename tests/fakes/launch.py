"""Starts one real model server without a keeper, for tests and for trying it by hand.

`python -m tests.fakes.launch TASK MODEL_DIR` serves until Ctrl-C.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from backend.domain.server import ServerSpec

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 150.0


@dataclass(frozen=True)
class Running:
    """A server under test."""

    url: str
    process: "subprocess.Popen[bytes]"
    run_dir: Path
    port: int

    def client(self, **more: Any) -> httpx.Client:
        """A client that waits long enough."""
        return httpx.Client(base_url=self.url, timeout=30, **more)

    def log(self) -> str:
        """What the server printed."""
        return (self.run_dir / "server.log").read_text(errors="replace")


def spec(task: str, model_dir: Path, **more: Any) -> ServerSpec:
    """A spec with what every server needs."""
    values: dict[str, Any] = {
        "deployment_id": "dep_test", "name": "test", "version": 1, "generation": 1,
        "model_id": f"tiny/{task}", "commit": "0" * 40, "model_dir": str(model_dir), "task": task,
        "threads": 1, "python": sys.executable,
        "engine": "diffusers" if (model_dir / "model_index.json").exists() else "torch",
        "languages": sorted(path.name.split(".")[1] for path in model_dir.glob("adapter.*.*")),
    }  # fmt: skip
    return ServerSpec(**values | more)


def start(made: ServerSpec, run_dir: Path) -> Running:
    """Start it; does not wait until it is ready."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (run_dir / "spec.json").write_text(made.model_dump_json())
    (run_dir / "nonce").write_text(secrets.token_hex(16))
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        (run_dir / "server.log").open("ab") as log,
    ):
        fd = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.inference", "--run-dir", str(run_dir), "--fd", str(fd)],
            cwd=ROOT, pass_fds=[fd], stdout=log, stderr=log, env=_environment(made),
        )  # fmt: skip
        port = listener.getsockname()[1]
    return Running(f"http://127.0.0.1:{port}", process, run_dir, port)


def _environment(made: ServerSpec) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        "DISABLE_SAFETENSORS_CONVERSION": "1", "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": str(made.threads),
    } | made.env  # fmt: skip


def control_request(run_dir: Path, verb: str) -> dict[str, Any]:
    """Send one request to the control socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(run_dir / "control.sock"))
        connection.sendall(json.dumps({"verb": verb}).encode() + b"\n")
        data = b""
        while not data.endswith(b"\n"):
            data += connection.recv(65536)
    return json.loads(data)


def wait_ready(running: Running) -> None:
    """Wait until the server reports ready; fail with its log if it exits."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if running.process.poll() is not None:
            raise AssertionError(f"ended with {running.process.returncode}\n{running.log()}")
        with contextlib.suppress(OSError):
            if control_request(running.run_dir, "hello")["state"] == "ready":
                return
        time.sleep(0.05)
    raise AssertionError(f"not ready\n{running.log()}")


@contextlib.contextmanager
def serving(made: ServerSpec, run_dir: Path) -> Iterator[Running]:
    """A ready server, ended at the end."""
    running = start(made, run_dir)
    try:
        wait_ready(running)
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        try:
            running.process.wait(15)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "srv_try"
        with serving(spec(sys.argv[1], Path(sys.argv[2])), folder) as server:
            print(server.url, flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                server.process.wait()
