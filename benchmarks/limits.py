"""Starts offline programs on the server's core and asks them for the limits."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.domain.server import ServerSpec
from benchmarks.cores import on_core
from benchmarks.processes import ROOT, end, environment, tail
from benchmarks.settings import Settings

# Sizes of groups; the fastest one of the first measurement is used.
GROUPS, QUICK_GROUPS = (1, 2, 4, 8, 16), (1, 4)


@dataclass
class Offline:
    """A running offline program; it uses no CPU time between commands."""

    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command and wait for its result. Raises RuntimeError if the program ended."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        """Read the next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            message = f"the offline program ended: {tail(self.log)}"
            raise RuntimeError(message)
        return json.loads(line)


@contextlib.contextmanager
def offline(settings: Settings, module: str, *words: str | Path) -> Generator[Offline]:
    """Run `python -m benchmarks.offline.MODULE` until the block ends; waits for its model."""
    with tempfile.TemporaryDirectory(dir=settings.scratch) as folder:
        log = Path(folder) / "log.txt"
        command = [sys.executable, "-m", f"benchmarks.offline.{module}", *map(str, words)]
        with log.open("wb") as output, on_core(settings.cores.server):
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=output, start_new_session=True,
            )  # fmt: skip
        started = Offline(process, log)
        try:
            started.read()
            yield started
        finally:
            end(process)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()


@contextlib.contextmanager
def encoder_limit(
    settings: Settings, model: Path, task: str, items: Sequence[Any], spec: ServerSpec | None = None
) -> Generator[Offline]:
    """The limit on these items: of torch in float32, or of the engine of a deployment (`spec`)."""
    binary = isinstance(items[0], bytes)
    job = {
        "engine": "torch float32" if spec is None else "deployment",
        "sizes": QUICK_GROUPS if settings.quick else GROUPS,
        "model": str(model), "task": task, "binary": binary,
        "spec": None if spec is None else spec.model_dump(mode="json"),
        "items": [base64.b64encode(item).decode() for item in items] if binary else list(items),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(dir=settings.scratch) as folder:
        file = Path(folder) / "job.json"
        file.write_text(json.dumps(job))
        with offline(settings, "encoders", file) as started:
            yield started
