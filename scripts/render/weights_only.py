"""Render backend/tasks/weights_only.json: what torch's restricted unpickler accepts.

With it the control plane knows before a download whether `torch.load(weights_only=True)` will
refuse a pickle file, and the number of parameters in it. It is read from the installed version.
"""

from __future__ import annotations

import importlib
import json
import pickletools
from typing import Any


def table() -> str:
    """Globals and opcodes that it accepts, and the dtype of each class of storage."""
    unpickler: Any = importlib.import_module("torch._weights_only_unpickler")
    torch: Any = importlib.import_module("torch")
    codes = {value for value in vars(unpickler).values() if isinstance(value, bytes)}
    storages = torch.storage._dtype_to_storage_type_map()
    content = {
        "globals": sorted(unpickler._get_allowed_globals()),
        "opcodes": sorted(
            op.name for op in pickletools.opcodes if op.code.encode("latin-1") in codes
        ),
        "storages": {
            name: str(dtype).removeprefix("torch.")
            for dtype, name in sorted(storages.items(), key=lambda item: item[1])
        },
    }
    return json.dumps(content, indent=1) + "\n"
