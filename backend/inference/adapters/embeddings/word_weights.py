"""Weights of words, such as inverse document frequencies, in configs of BoW and WordWeights."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from backend.errors.model import CorruptModel


def read_vocabulary(folder: Path) -> dict[str, Any]:
    """Settings with a `vocab`. They can be large and are not part of the module's settings.

    Raises CorruptModel.
    """
    read: Any = json.loads((folder / "config.json").read_bytes())
    if not isinstance(read, dict) or not isinstance(read.get("vocab"), list):
        raise CorruptModel(f"{folder.name}/config.json has no list of words, `vocab`.")
    return read


def weights_of_words(words: Sequence[str], settings: Mapping[str, Any]) -> Tensor:
    """The weight of each word, else of the word in lower case, else that of unknown words.

    Returns float32, `[words]`.
    """
    known: dict[str, float] = settings.get("word_weights") or {}
    default: float = settings.get("unknown_word_weight", 1)
    return torch.tensor([float(known.get(w, known.get(w.lower(), default))) for w in words])
