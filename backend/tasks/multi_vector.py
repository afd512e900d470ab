"""Multi-vector encoders (ColBERT, Khattab and Zaharia 2020): an embedding for each token of a text.

Reads the files of sentence-transformers 6, and those of PyLate 3, whose settings have other names.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel

SERVED_AS = frozenset({"feature-extraction", "text-ranking"})
QUERY, DOCUMENT = "query", "document"
PYLATE = "ColBERT"
_KINDS = frozenset({"MultiVectorEncoder", PYLATE})
_LENGTH = 32
_TOKENS = "token_embeddings"
POOLING = "HierarchicalTokenPooling"
# Settings of PyLate at the top of its config; no other library writes prefixes.
PYLATE_PREFIXES = ("query_prefix", "document_prefix")
PYLATE_SETTINGS = (
    *PYLATE_PREFIXES, "query_length", "document_length", "do_query_expansion",
    "attend_to_expansion_tokens", "skiplist_words", "query_expansion",
)  # fmt: skip

Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """Queries are filled up to `length` tokens with `token` (None: the mask token).

    `attends`: whether the model sees these tokens; their embeddings count in any case. With `cuts`,
    longer queries are cut to this length.
    """

    length: int
    token: str | None
    attends: bool
    cuts: bool


@dataclass(frozen=True, kw_only=True)
class TokenPooling:
    """One of `factor` embeddings stays, on these `sides`; the first `protected` are not pooled."""

    factor: float
    protected: int
    normalizes: bool
    sides: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MultiVectorSettings:
    """How texts become tokens, and which of their embeddings count.

    `lengths` and `prompts` are those of queries and documents. `markers` are prompts that were
    single tokens in training. The embeddings of `skipped` tokens do not count on `skipped_sides`.
    """

    prompts: dict[str, str]
    markers: tuple[str, ...]
    lengths: dict[str, int | None]
    expansion: Expansion | None
    skipped: tuple[str, ...]
    skipped_sides: tuple[str, ...]
    pooling: TokenPooling | None
    is_mean: bool


def is_multi_vector(model: SentenceTransformersModel) -> bool:
    """Whether it has an embedding for each token of a text."""
    return model.kind in _KINDS


def cannot_encode(model: SentenceTransformersModel) -> str | None:
    """Reason why the server cannot run this multi-vector encoder; None if it can."""
    if len(model.routes) > 1:
        return "It is a multi-vector encoder with several routes."
    first, *others = model.modules
    if first.kind != "Transformer" or first.folder:
        return "The transformer of this multi-vector encoder is not in the top folder."
    task = first.settings.get("transformer_task", "feature-extraction")
    if task != "feature-extraction":
        return f"Its transformer is one for {task}, not for text embeddings."
    modalities = first.settings.get("modality_config")
    if isinstance(modalities, dict) and "message" in modalities:
        return "It formats its inputs with a chat template, which is not supported for embeddings."
    if any(module.kind == POOLING for module in others[:-1]):
        return f"Modules after {POOLING} are not supported."
    return next((reason for one in others if (reason := _cannot_follow(one))), None)


def _cannot_follow(module: EmbeddingModule) -> str | None:
    if module.kind not in {"Dense", "Normalize", "MultiVectorMask", POOLING}:
        return f"The module {module.kind[:80]} of this multi-vector encoder is not supported."
    if module.settings.get("keep_only_token_ids"):
        return "It is a multi-vector encoder of images."
    return None


def token_level(model: SentenceTransformersModel) -> list[EmbeddingModule]:
    """The layers after the transformer. Older files do not say that they read token embeddings."""
    layers = [one for one in model.modules[1:] if one.kind in {"Dense", "Normalize"}]
    if model.kind == PYLATE and not any(one.kind == "Normalize" for one in layers):
        layers.append(EmbeddingModule(kind="Normalize", folder=""))
    return [
        one.model_copy(update={"settings": {"module_input_name": _TOKENS, **one.settings}})
        for one in layers
    ]


def settings_of(model: SentenceTransformersModel) -> MultiVectorSettings:
    """The settings, from the files of the library or of PyLate."""
    given, first = model.settings, model.modules[0].settings
    is_older = any(name in given for name in PYLATE_SETTINGS)
    prompts = {name: str(text or "") for name, text in _object(given.get("prompts")).items()}
    markers: list[str] = []
    for side in (QUERY, DOCUMENT):
        marker = given.get(f"{side}_prefix")
        if isinstance(marker, str):
            markers.append(marker)
            prompts[side] = marker + prompts.get(side, "").removeprefix(marker)
    masks = (one.settings for one in model.modules if one.kind == "MultiVectorMask")
    mask = next(masks, dict[str, object]())
    skipped = mask.get("skiplist_words") or given.get("skiplist_words")
    if skipped is None and model.kind == PYLATE:
        skipped = list(string.punctuation)
    sides = mask.get("skiplist_tasks") or [DOCUMENT]
    lengths = {
        side: _number(first.get(f"{side}_length") or given.get(f"{side}_length"))
        for side in (QUERY, DOCUMENT)
    }
    expansion = _expansion(first, given, is_older=is_older)
    if expansion and expansion.cuts:
        lengths[QUERY] = expansion.length
    return MultiVectorSettings(
        prompts=prompts, markers=tuple(markers), lengths=lengths, expansion=expansion,
        skipped=tuple(map(str, cast("list[object]", skipped or []))),
        skipped_sides=tuple(map(str, cast("list[object]", sides))),
        pooling=token_pooling(model),
        is_mean=given.get("similarity_fn_name") == "meanmaxsim",
    )  # fmt: skip


def token_pooling(model: SentenceTransformersModel) -> TokenPooling | None:
    """How embeddings of tokens are pooled; files without `normalize_embeddings` mean false."""
    last = model.modules[-1]
    if last.kind != POOLING:
        return None
    found = last.settings
    factor, protected = found.get("pool_factor"), found.get("num_protected_tokens")
    sides = found.get("tasks") or [DOCUMENT]
    return TokenPooling(
        factor=max(1.0, float(factor)) if isinstance(factor, int | float) else 1.0,
        protected=max(0, protected) if isinstance(protected, int) else 1,
        normalizes=found.get("normalize_embeddings") is True,
        sides=(sides,) if isinstance(sides, str) else tuple(map(str, cast("list[object]", sides))),
    )


def _expansion(first: Json, given: Json, *, is_older: bool) -> Expansion | None:
    stated = first.get("query_expansion") or given.get("query_expansion")
    if isinstance(stated, dict):
        found = cast("dict[str, object]", stated)
        return Expansion(
            length=_number(found.get("length")) or _LENGTH,
            token=cast("str | None", found.get("token")),
            attends=bool(found.get("attend")),
            cuts=found.get("strategy") == "fixed",
        )
    is_off = "query_expansion" in first or "query_expansion" in given
    if not is_older or is_off or given.get("do_query_expansion") is False:
        return None
    return Expansion(
        length=_number(given.get("query_length")) or _LENGTH, token=None,
        attends=bool(given.get("attend_to_expansion_tokens")), cuts=True,
    )  # fmt: skip


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
