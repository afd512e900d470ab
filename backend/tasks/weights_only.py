"""What torch's restricted unpickler accepts, from a table generated from the installed torch."""

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel


class WeightsOnly(BaseModel):
    """Names of globals and of pickle opcodes (as in pickletools), and dtypes of storages."""

    globals: frozenset[str]
    opcodes: frozenset[str]
    storages: dict[str, str]


@cache
def weights_only() -> WeightsOnly:
    """The table."""
    file = Path(__file__).with_suffix(".json")
    return WeightsOnly.model_validate(json.loads(file.read_text()))
