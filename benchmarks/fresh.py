"""Model servers as fresh processes, without a control plane: what a warm start is compared with."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.domain.server import ServerSpec
from benchmarks.client import run_all
from benchmarks.processes import environment, process, tail
from benchmarks.settings import Settings

START_SECONDS = 180.0
POLL_SECONDS = 0.002


@dataclass(frozen=True)
class Fresh:
    """A server that has answered, its port, and the seconds from its start until then."""

    process: subprocess.Popen[bytes]
    port: int
    ready_seconds: float


@contextlib.contextmanager
def fresh_server(
    settings: Settings,
    spec: ServerSpec,
    probe: bytes,
    folder: Path,
    module: str = "backend.inference",
    overrides: Mapping[str, str] | None = None,
) -> Generator[Fresh]:
    """Start a server of this specification and wait until it answers `probe` with 200.

    Raises RuntimeError if it ends before.
    """
    folder.mkdir(parents=True, mode=0o700)
    (folder / "spec.json").write_text(spec.model_dump_json())
    (folder / "nonce").write_text(secrets.token_hex(16))
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, "-m", module, "--run-dir", folder, "--fd", str(fd)]
        env = environment(**(overrides or {}))
        log = folder / "server.log"
        began = time.perf_counter()
        with process(command, settings.cores.server, log, env, fd) as started:
            listener.close()
            _wait(started, port, probe, log)
            yield Fresh(started, port, time.perf_counter() - began)


def _wait(started: subprocess.Popen[bytes], port: int, probe: bytes, log: Path) -> None:
    """The socket listens from the start, so that the probe is answered as soon as possible."""
    deadline = time.perf_counter() + START_SECONDS
    while time.perf_counter() < deadline and started.poll() is None:
        with contextlib.suppress(ConnectionError, ExceptionGroup):
            if run_all(port, [probe], 1).errors == 0:
                return
        time.sleep(POLL_SECONDS)
    message = f"the model server did not get ready: {tail(log)}"
    raise RuntimeError(message)
