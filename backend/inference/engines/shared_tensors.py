"""Tensors that a converted file has under one of their names only.

transformers ties most of them again. Where the config says that they are not tied, although they
are the same in the checkpoint, the file is read again with all names.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor

from backend.domain.conversion import SHARED


def complete(model: Any, facts: Any, folder: Path) -> tuple[Any, Any]:
    """The model and its loading facts, loaded with all names if any of them is missing."""
    if not facts["missing_keys"]:
        return model, facts
    tensors = _all_names(folder)
    if tensors is None:
        return model, facts
    return type(model).from_pretrained(
        None, config=model.config, state_dict=tensors, dtype=model.dtype, output_loading_info=True
    )


def _all_names(folder: Path) -> dict[str, Tensor] | None:
    """All tensors by all their names; None without shared ones."""
    tensors: dict[str, Tensor] = {}
    shared: dict[str, str] = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            shared |= json.loads((file.metadata() or {}).get(SHARED, "{}"))
            tensors |= {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    same = {name: tensors[other] for name, other in shared.items() if other in tensors}
    return tensors | same if same else None
