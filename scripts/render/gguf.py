"""Render backend/tasks/gguf.json: architectures and tensor types that llama.cpp reads.

They are those of the package `gguf`, which llama.cpp itself publishes.
"""

from __future__ import annotations

import importlib
import json
from typing import Any


def table() -> str:
    """Names of the architectures; name, block and bytes of each type by its number."""
    constants: Any = importlib.import_module("gguf.constants")
    sizes = constants.GGML_QUANT_SIZES
    content = {
        "architectures": sorted(constants.MODEL_ARCH_NAMES.values()),
        "types": {str(kind.value): [kind.name, *sizes[kind]] for kind in sizes},
    }
    return json.dumps(content, indent=1) + "\n"
