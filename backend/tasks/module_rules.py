"""Which models of sentence-transformers the model server runs, and the reason why not."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from backend.domain.sentence_transformers import (
    TRANSFORMERS,
    EmbeddingModule,
    SentenceTransformersModel,
)
from backend.tasks.module_files import TASKS
from backend.tasks.multi_vector import is_multi_vector
from backend.tasks.word_rules import TOKEN_LAYERS, token_layer, word_input

POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
# Older files have one flag per pooling; several poolings are concatenated in this order.
_SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
# Activations of torch.nn that need no arguments and have no weights of their own.
ACTIVATIONS = frozenset({
    "CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity",
    "LeakyReLU", "LogSigmoid", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU",
    "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink",
})  # fmt: skip
_ACTIVATION = re.compile(r"torch\.nn\.(?:modules\.\w+\.)?(\w+)")
SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")
TOKENS, SENTENCE = "token_embeddings", "sentence_embedding"
# CLIP and similar models return an embedding of the whole text.
_WHOLE_TEXT = "get_text_features"
# Of them, those whose embedding of a text does not depend on its padding.
TEXT_TOWERS = frozenset({"CLIPModel"})


def poolings(settings: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the poolings to concatenate; mean pooling by default."""
    named = settings.get("pooling_mode")
    if isinstance(named, str):
        return (named,)
    listed = [str(one) for one in cast("list[object]", named)] if isinstance(named, list) else []
    flags = [name for key, name in _SWITCHES.items() if settings.get(key)]
    return tuple(listed or flags or ["mean"])


def is_masked_model(module: EmbeddingModule) -> bool:
    """Whether it returns logits of the vocabulary for each token."""
    default = "fill-mask" if module.kind == "MLMTransformer" else "feature-extraction"
    return module.settings.get("transformer_task", default) == "fill-mask"


def is_whole_text(module: EmbeddingModule) -> bool:
    """Whether the transformer returns one embedding per text, without a pooling module."""
    return module.kind == "CLIPModel" or _method(module) == _WHOLE_TEXT


def is_plain(model: SentenceTransformersModel) -> bool:
    """Whether it is one transformer in the top folder with dense embeddings, whose engine may be
    any; other models are loaded module by module."""
    [first, *_] = model.routes[model.default_route]
    is_top = (first.kind, first.folder) == ("Transformer", "")
    is_usual = not (is_masked_model(first) or is_whole_text(first))
    # No ONNX file has the hidden states of all layers.
    reads_layers = any(one.kind == "WeightedLayerPooling" for one in model.modules)
    is_dense = not (model.is_sparse or reads_layers or is_multi_vector(model))
    return len(model.routes) == 1 and is_top and is_usual and is_dense


def reads_whole_texts(model: SentenceTransformersModel) -> bool:
    """Whether its transformer is a model of images and texts, of which texts are embedded."""
    return model.transformer is not None and is_whole_text(model.transformer)


def embeds(model: SentenceTransformersModel) -> str | None:
    """Reason why the server cannot compute embeddings of texts with this model; None if it can."""
    if is_multi_vector(model):
        return (
            "It has an embedding for each token of a text. Use feature-extraction or text-ranking."
        )
    if model.kind not in {"SentenceTransformer", "SparseEncoder"}:
        return _other_kind(model.kind)
    similarity = model.settings.get("similarity_fn_name") or SIMILARITIES[0]
    if similarity not in SIMILARITIES:
        return f"The similarity function {str(similarity)[:40]!r} is not supported."
    reasons = (_route(row) for row in model.routes.values())
    return next((reason for reason in reasons if reason), None)


def scores(model: SentenceTransformersModel) -> str | None:
    """Reason why the server cannot score pairs of texts with this model; None if it can."""
    if model.kind == "SentenceTransformer" and embeds(model) is None:
        return "It computes embeddings. Use feature-extraction or sentence-similarity."
    if is_causal_ranker(model):
        return _causal_scores(*model.modules)
    for module in model.modules:
        if module.kind != "Transformer":
            return f"The module {module.kind} is not supported in a cross-encoder."
        task = module.settings.get("transformer_task", "sequence-classification")
        if task != "sequence-classification":
            return f"Its transformer is one for {task}; only sequence-classification is supported."
        if module.folder:
            return "Its transformer is not in the top folder of the repository."
        if reason := _inputs(module):
            return reason
    return None


def is_causal_ranker(model: SentenceTransformersModel) -> bool:
    """Whether it reads the score from the next token of a causal language model."""
    kinds = [module.kind for module in model.modules]
    return model.is_scoring and kinds == ["Transformer", "LogitScore"]


def _causal_scores(transformer: EmbeddingModule, score: EmbeddingModule) -> str | None:
    settings = transformer.settings
    if settings.get("transformer_task") != "text-generation":
        return f"Its transformer is one for {settings.get('transformer_task')}, not a causal model."
    if transformer.folder:
        return "Its transformer is not in the top folder of the repository."
    if not isinstance(score.settings.get("true_token_id"), int):
        return "Its LogitScore names no token."
    changed = cast("dict[str, object]", settings.get("processing_kwargs") or {})
    others = set(changed) - {"chat_template"}
    if others:
        return f"Its files change the preprocessing of {', '.join(sorted(others))}."
    return None


def is_unused(model: SentenceTransformersModel) -> str | None:
    """Reason why a task that uses the transformer only cannot run it; None if it can."""
    transformer = model.transformer
    if transformer is None or transformer.folder:
        return "The model computes embeddings. Use feature-extraction or sentence-similarity."
    return None


def _other_kind(kind: str) -> str:
    if kind == "CrossEncoder":
        return "It is a cross-encoder, which scores pairs of texts. Use text-ranking."
    return f"Models of the class {kind[:40]!r} are not supported."


def _route(modules: Sequence[EmbeddingModule]) -> str | None:
    first, *others = modules
    if reason := _first(first):
        return reason
    has_tokens = first.kind in TRANSFORMERS or first.kind == "WordEmbeddings"
    known = {TOKENS} if has_tokens and not is_whole_text(first) else {SENTENCE}
    for module in others:
        if reason := _next(module, first, known):
            return reason
    if SENTENCE not in known:
        return "It has no pooling module, so that it has no embedding of a whole text."
    return None


def _first(module: EmbeddingModule) -> str | None:
    if reason := _named(module.kind):
        return reason
    if module.kind in {"StaticEmbedding", "BoW"}:
        return None
    if module.kind == "WordEmbeddings":
        return word_input(module)
    if module.kind == "SparseStaticEmbedding":
        if module.settings.get("path"):
            return "The weights of its SparseStaticEmbedding are in another repository."
        return None
    if module.kind not in TRANSFORMERS:
        return f"Its first module is {module.kind}, which reads no text."
    task = module.settings.get("transformer_task", "feature-extraction")
    if task not in {"feature-extraction", "fill-mask"}:
        return f"Its transformer is one for {str(task)[:40]}, which computes no embeddings."
    return _inputs(module)


def _inputs(module: EmbeddingModule) -> str | None:
    """Reason why the transformer cannot read plain text as its files configure it."""
    settings = module.settings
    modalities = settings.get("modality_config")
    names = set(cast("dict[str, object]", modalities)) if isinstance(modalities, dict) else {"text"}
    if "message" in names:
        return "It formats its inputs with a chat template, which is not supported for embeddings."
    if "text" not in names:
        return f"It reads {', '.join(sorted(names))} and no text."
    if _method(module) not in {"forward", _WHOLE_TEXT}:
        return f"It reads texts with {_method(module)[:40]!r}, which is not supported."
    if settings.get("processing_kwargs"):
        return "Its files change the preprocessing of texts, which is not supported."
    changed = [f"{task}_length" for task in TASKS if settings.get(f"{task}_length")]
    changed += ["query_expansion"] if settings.get("query_expansion") else []
    if changed:
        return f"It sets {', '.join(changed)}, which is not supported."
    return None


def _method(module: EmbeddingModule) -> str:
    modalities = module.settings.get("modality_config")
    found = cast("dict[str, object]", modalities) if isinstance(modalities, dict) else {}
    text = found.get("text")
    given = cast("dict[str, object]", text) if isinstance(text, dict) else {}
    return str(given.get("method") or "forward")


def _next(module: EmbeddingModule, first: EmbeddingModule, known: set[str]) -> str | None:
    """Reason why a module cannot follow; adds what it computes to `known`."""
    if reason := _named(module.kind):
        return reason
    match module.kind:
        case kind if kind in TOKEN_LAYERS:
            return _without_tokens(module, first, known) or token_layer(module, first)
        case "Pooling":
            return _pooling(module, first, known)
        case "SpladePooling":
            return _splade(first, known)
        case "SparseAutoEncoder":
            has_input = SENTENCE in known
            return None if has_input else "Its SparseAutoEncoder needs an embedding before it."
        case "Dense" | "LayerNorm" | "Normalize" | "Dropout":
            return _same_shape(module, known)
        case kind:
            return f"The module {kind} is not supported after the first module."


def _same_shape(module: EmbeddingModule, known: set[str]) -> str | None:
    kind, settings = module.kind, module.settings
    source = str(settings.get("module_input_name") or SENTENCE)
    target = str(settings.get("module_output_name") or source)
    if source not in known or target != source:
        return f"The module {kind} in {module.folder} maps {source[:40]!r} to {target[:40]!r}."
    if source == TOKENS and kind == "LayerNorm":
        return "LayerNorm is supported after the pooling only."
    return _activation(module)


def _splade(first: EmbeddingModule, known: set[str]) -> str | None:
    if TOKENS not in known or not is_masked_model(first):
        return "Its SpladePooling needs a masked language model before it."
    known.add(SENTENCE)
    return None


def _pooling(module: EmbeddingModule, first: EmbeddingModule, known: set[str]) -> str | None:
    names = poolings(module.settings)
    if extra := sorted(set(names) - set(POOLINGS)):
        return f"The pooling {', '.join(extra)[:80]} is not supported."
    if reason := _without_tokens(module, first, known):
        return reason
    if "cls" in names and first.kind == "WordEmbeddings":
        return "Its pooling reads the CLS token, which WordEmbeddings do not have."
    known.add(SENTENCE)
    return None


def _without_tokens(module: EmbeddingModule, first: EmbeddingModule, known: set[str]) -> str | None:
    if TOKENS in known and not is_masked_model(first):
        return None
    kind = "pooling" if module.kind == "Pooling" else module.kind
    return f"Its {kind} has no token embeddings, since {first.kind} computes none."


def activation_name(path: object) -> str | None:
    """Name in torch.nn of an activation with this full name; None if it is not supported."""
    found = _ACTIVATION.fullmatch(str(path))
    return found[1] if found and found[1] in ACTIVATIONS else None


def _activation(module: EmbeddingModule) -> str | None:
    path = module.settings.get("activation_function")
    if module.kind == "Dense" and path and activation_name(path) is None:
        return f"The activation {str(path)[:80]!r} is not supported."
    return None


def _named(kind: str) -> str | None:
    """Reason for modules that are not supported anywhere."""
    if "." in kind:
        return f"The module {kind[:80]} is Python code of the repository, which is not run."
    return None
