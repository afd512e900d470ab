"""The product's model server with a model that does nothing: same arguments, routes and queue.

`python -m benchmarks.servers.no_op --run-dir DIR --fd N`. The adapter of the task is replaced;
everything else is the real server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.domain.server import ServerSpec
from backend.inference import __main__ as server
from backend.inference import loading
from backend.inference.adapters.base import Prepared

EMBEDDING = np.linspace(-0.5, 0.5, 384, dtype=np.float32)
LABELS = [{"label": "POSITIVE", "score": 0.75}, {"label": "NEGATIVE", "score": 0.25}]


class NoOp:
    """Returns a constant: an embedding, or two labels."""

    encode_threads = 1
    max_group = 1024

    def __init__(self, spec: ServerSpec) -> None:
        self._is_embedding = spec.task == "feature-extraction"

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Takes any input."""
        del parameters
        return Prepared(size=1, rows=(item,))

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """Does nothing."""
        return [None for _ in group]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        """Return the constant."""
        del raw, prepared, parameters
        return EMBEDDING if self._is_embedding else LABELS

    def facts(self) -> dict[str, object]:
        """No limits."""
        return {}


if __name__ == "__main__":
    loading.load = NoOp
    server.main()
