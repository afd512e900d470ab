"""Checkpoints of Stanford's ColBERT library: a transformer, and a projection in the same weights.

They have no modules.json; config.json names their class, and artifact.metadata has the settings of
their training. Read as modules of sentence-transformers, which loads them in the same way.
"""

import string
from collections.abc import Mapping
from typing import cast

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.errors.model import CorruptModel

METADATA = "artifact.metadata"
ARCHITECTURE = "HF_ColBERT"
# Name of the projection among the weights of the transformer, [dimensions, hidden size].
PROJECTION = "linear.weight"
_QUERY_TOKENS = 32
_QUERY_MARKER, _DOCUMENT_MARKER = "[unused0]", "[unused1]"
_TOKENS = "token_embeddings"

Json = Mapping[str, object]


def is_colbert(config: Json) -> bool:
    """Whether this config.json is one of Stanford's ColBERT library."""
    named = config.get("architectures")
    return isinstance(named, list) and ARCHITECTURE in cast("list[object]", named)


def colbert_modules(metadata: object) -> SentenceTransformersModel:
    """The modules of a checkpoint, from the content of artifact.metadata; empty: the defaults.

    Raises CorruptModel.
    """
    if not isinstance(metadata, dict):
        raise CorruptModel(f"{METADATA} is not a JSON object.")
    given = cast("dict[str, object]", metadata)
    # The library fills queries up with mask tokens in any case.
    expansion = {
        "strategy": "fixed", "length": _number(given, "query_maxlen") or _QUERY_TOKENS,
        "attend": bool(given.get("attend_to_mask_tokens")),
    }  # fmt: skip
    texts: dict[str, object] = {
        "document_length": _number(given, "doc_maxlen"), "query_expansion": expansion,
    }  # fmt: skip
    dense: dict[str, object] = {
        "bias": False, "activation_function": "torch.nn.Identity", "module_input_name": _TOKENS,
    }  # fmt: skip
    skipped = list(string.punctuation) if given.get("mask_punctuation", True) else []
    modules = [
        EmbeddingModule(kind="Transformer", folder="", settings=texts),
        EmbeddingModule(kind="Dense", folder="", settings=dense),
        EmbeddingModule(kind="MultiVectorMask", folder="", settings={"skiplist_words": skipped}),
        EmbeddingModule(kind="Normalize", folder="", settings={"module_input_name": _TOKENS}),
    ]
    prefixes: dict[str, object] = {
        "query_prefix": _marker(given, "query_token_id", _QUERY_MARKER),
        "document_prefix": _marker(given, "doc_token_id", _DOCUMENT_MARKER),
    }
    return SentenceTransformersModel(
        kind="MultiVectorEncoder", routes={"": modules}, settings=prefixes
    )


def is_projected_within(model: SentenceTransformersModel) -> bool:
    """Whether a projection is among the weights of the transformer."""
    return any(one.kind == "Dense" and not one.folder for one in model.modules)


def _number(metadata: Json, name: str) -> int | None:
    value = metadata.get(name)
    if value is None or (type(value) is int and value > 0):
        return value
    raise CorruptModel(f"{METADATA} has {str(value)[:40]!r} as {name}, which is no number above 0.")


def _marker(metadata: Json, name: str, default: str) -> str:
    value = metadata.get(name) or default
    if not isinstance(value, str):
        raise CorruptModel(f"{METADATA} has {str(value)[:40]!r} as {name}, which is not a text.")
    return f"{value} "
