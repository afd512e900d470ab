"""Render backend/tasks/generation_config.json: the fields of transformers' GenerationConfig.

Each has its type from the class documentation (null for a field that it does not describe), and the
default that `generate` uses. With it, requests are checked without importing transformers.
"""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

# `name (`int` or `list[int]`, *optional*):`, which some fields write with a colon or no space.
_DOCUMENTED = re.compile(
    r"^ {8}(?P<name>\w+)\s*:?\s*\((?P<type>[^\n]*?)(?:, \*optional\*[^\n]*)?\)+:$"
)
# Facts about the file itself, no settings.
_METADATA = {"_from_model_config", "transformers_version"}


def table() -> str:
    """All fields in the order of the class, as JSON."""
    config: Any = importlib.import_module("transformers").GenerationConfig
    defaults = config._get_default_generation_params()
    types = _types(config.__doc__ or "")
    fields = {
        name: {"type": types.get(name), "default": defaults.get(name)}
        for name in config().to_dict()
        if name not in _METADATA
    }
    return json.dumps(fields, indent=1) + "\n"


def _types(documentation: str) -> dict[str, str]:
    matches = map(_DOCUMENTED.match, documentation.splitlines())
    return {m["name"]: m["type"].replace("`", "") for m in matches if m}
