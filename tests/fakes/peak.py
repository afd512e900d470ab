"""Measure the memory that loading a model takes, in a process of its own.

`python -m tests.fakes.peak SPEC` loads the model of this ServerSpec (JSON), serves one request and
prints `{"peak": BYTES, "taken": BYTES}`: the most anonymous memory during loading (pages of mapped
files can be dropped at any time), and the resident memory afterwards.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PAUSE_SECONDS = 0.003


def measured(spec: dict[str, Any], *extras: Path) -> dict[str, int]:
    """Measure in a new process, which has the libraries of these folders."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.fakes.peak", json.dumps(spec)],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=110,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, extras))},
    )  # fmt: skip
    return json.loads(ran.stdout.splitlines()[-1])


def anonymous_bytes(pid: int | str = "self") -> int:
    """Anonymous memory of a process; 0 after its end."""
    found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


class _Watch(threading.Thread):
    """Records the peak until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = 0
        self._is_done = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._is_done.wait(_PAUSE_SECONDS):
            self.peak = max(self.peak, anonymous_bytes())

    def stop(self) -> int:
        self._is_done.set()
        self.join()
        return self.peak


def main(given: str) -> None:
    """Load, serve, print."""
    import psutil
    import uvicorn

    import backend.inference.app
    from backend.domain.server import ServerSpec
    from backend.inference import loading
    from backend.inference.engine import Engine
    from backend.inference.metrics import Metrics

    del uvicorn, backend.inference.app  # imported as in a server: they take memory
    spec = ServerSpec.model_validate_json(given)
    watch = _Watch()
    adapter = loading.load(spec)
    peak = watch.stop()
    engine = Engine(spec, adapter, Metrics(spec))
    asyncio.run(engine.warm_up())
    taken = psutil.Process().memory_info().rss
    print(json.dumps({"peak": peak, "taken": taken}), flush=True)
    os._exit(0)  # as a server does: its model thread may still hold the model


if __name__ == "__main__":
    main(sys.argv[1])
