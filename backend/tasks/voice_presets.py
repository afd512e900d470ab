"""Files of the voice presets of Bark."""

import re
from collections.abc import Collection

LISTED_IN = "speaker_embeddings_path.json"
_PRESET = re.compile(r"speaker_embeddings/(?:[\w-]+/)?[\w-]+\.npy")


def is_preset(path: str, listing: Collection[str]) -> bool:
    """Whether this file of a repository is a part of a voice preset."""
    return LISTED_IN in listing and _PRESET.fullmatch(path) is not None
