"""What llama.cpp can run: architectures and tensor types, from a generated table.

Encoders return embeddings; the other architectures in `_OTHER` need a program of their own.
"""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

_ENCODERS = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert",
     "neo-bert", "eurobert", "gemma-embedding", "llama-embed", "t5encoder"}
)  # fmt: skip
_OTHER = {
    "clip": "It is the image encoder of another model",
    "t5": "Encoder-decoder models are not supported",
    "wavtokenizer-dec": "It decodes speech",
    "dream": "Diffusion language models are not supported",
    "llada": "Diffusion language models are not supported",
    "llada-moe": "Diffusion language models are not supported",
    "rnd1": "Diffusion language models are not supported",
}


class TensorType(NamedTuple):
    """A type of tensor: `block` elements are stored in `bytes` bytes."""

    name: str
    block: int
    bytes: int


class _Table(NamedTuple):
    architectures: frozenset[str]
    types: dict[int, TensorType]


@cache
def _table() -> _Table:
    found = json.loads(Path(__file__).with_suffix(".json").read_text())
    types = {int(number): TensorType(*one) for number, one in found["types"].items()}
    return _Table(frozenset(found["architectures"]), types)


def tensor_types() -> dict[int, TensorType]:
    """The types by their number in the file."""
    return _table().types


def cannot_run(architecture: str) -> str | None:
    """The reason why llama.cpp cannot generate text with this architecture, or None."""
    if architecture in _OTHER:
        return f"{_OTHER[architecture]} ({architecture})."
    if architecture in _ENCODERS:
        return f"It computes embeddings ({architecture}), which are not supported from GGUF files."
    if architecture not in _table().architectures:
        return f"llama.cpp has no architecture {architecture[:60]!r}."
    return None
