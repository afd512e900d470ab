"""`python -m benchmarks.offline.encoders JOB.json`: rate of an encoder without a server.

Items are sorted by size and run in groups, among all items (`window` null) or only among as many as
would be waiting in a server. The size of the groups is the one that was fastest in the first
measurement. Encoding of the inputs counts; decoding of the results does not.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.offline.engines import Engine, engine_of
from benchmarks.offline.grouping import groups
from benchmarks.offline.loop import serve


class Limit:
    """Measures one engine on fixed items."""

    def __init__(self, engine: Engine, items: Sequence[Any], sizes: Sequence[int]) -> None:
        self._engine = engine
        self._sizes = sizes
        self._items = items
        self._best: dict[int | None, int] = {}

    def __call__(self, command: dict[str, Any]) -> dict[str, Any]:
        """Items per second for each of the `windows`; or the results of the first `vectors`."""
        if "vectors" in command:
            rows = [self._engine.encode(item) for item in self._items[: command["vectors"]]]
            return {"vectors": [self._engine.forward([row])[0].tolist() for row in rows]}
        return {"rates": [self._rate(window) for window in command["windows"]]}

    def _rate(self, window: int | None) -> float:
        if window not in self._best:
            most = window or max(self._sizes)
            rates = {size: self._pass(window, size) for size in self._sizes if size <= most}
            self._best[window] = max(rates, key=rates.__getitem__)
        return self._pass(window, self._best[window])

    def _pass(self, window: int | None, size: int) -> float:
        began = time.perf_counter()
        rows = [self._engine.encode(item) for item in self._items]
        for group in groups(rows, window, size):
            self._engine.forward(group)
        return len(rows) / (time.perf_counter() - began)


def main(job: dict[str, Any]) -> None:
    """Load the engine and answer commands."""
    items = [base64.b64decode(item) for item in job["items"]] if job["binary"] else job["items"]
    engine = engine_of(job["engine"], Path(job["model"]), job["task"], job["spec"])
    engine.forward([engine.encode(items[0])])
    serve(Limit(engine, items, job["sizes"]))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
