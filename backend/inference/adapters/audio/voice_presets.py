"""Voice presets of Bark: token ids of earlier speech, in .npy files that a JSON file lists."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson
import torch

from backend.errors.inference import InvalidInput
from backend.tasks.voice_presets import LISTED_IN

# Not the name of a preset.
_SOURCE = "repo_or_path"
_PARTS = ("semantic_prompt", "coarse_prompt", "fine_prompt")
_MAX_BYTES = 1_000_000


class VoicePresets:
    """The presets in a model's folder; `sizes` are the ranks and numbers of ids of each part."""

    def __init__(self, folder: Path, sizes: Mapping[str, tuple[int, int]]) -> None:
        self._folder = folder
        self._sizes = sizes
        self._paths = {
            name: paths for name, one in _listed(folder).items() if (paths := self._paths_of(one))
        }

    @property
    def names(self) -> list[str]:
        """Names of the presets whose files exist."""
        return sorted(self._paths)

    def load(self, name: str) -> dict[str, torch.Tensor]:
        """The parts of a preset: semantic `[tokens]`, coarse and fine `[codebooks, frames]`.

        Raises InvalidInput for an unknown name, and for files that are not token ids of the model.
        """
        if name not in self._paths:
            some = ", ".join(self.names[:5])
            have = f"it has {len(self._paths)}, for example {some}" if some else "it has none"
            raise InvalidInput(f"The model has no voice {name!r}; {have}.")
        return {part: self._array(name, part) for part in _PARTS}

    def _array(self, name: str, part: str) -> torch.Tensor:
        rank, size = self._sizes[part]
        try:
            found = np.load(self._paths[name][part], allow_pickle=False)
        except (OSError, ValueError, EOFError):
            found = np.empty(0)
        is_integer = np.issubdtype(found.dtype, np.integer)
        if found.ndim != rank or not found.size or not is_integer:
            raise InvalidInput(f"The {part} of voice {name!r} is not an array of token ids.")
        if found.min() < 0 or found.max() >= size:
            raise InvalidInput(f"The {part} of voice {name!r} has token ids outside 0 to {size}.")
        return torch.from_numpy(found.astype(np.int64))

    def _paths_of(self, listed: object) -> dict[str, Path] | None:
        """Path of each part; None if one is missing, too large, or outside the folder."""
        if not isinstance(listed, dict):
            return None
        paths: dict[str, Path] = {}
        for part in _PARTS:
            name = cast("dict[str, Any]", listed).get(part)
            if not isinstance(name, str) or name.startswith("/") or ".." in Path(name).parts:
                return None
            path = self._folder / name
            if not path.is_file() or path.stat().st_size > _MAX_BYTES:
                return None
            paths[part] = path
        return paths


def _listed(folder: Path) -> dict[str, Any]:
    try:
        found = orjson.loads((folder / LISTED_IN).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    if not isinstance(found, dict):
        return {}
    listed = cast("dict[str, Any]", found)
    return {name: one for name, one in listed.items() if name != _SOURCE}
