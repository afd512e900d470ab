"""The loop of an offline program: one JSON command per line on stdin, one JSON result on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any


def serve(measure: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer commands until stdin is closed. The first line says that the model is loaded."""
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(json.loads(line))), flush=True)
