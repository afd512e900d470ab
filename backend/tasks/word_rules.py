"""Rules for the modules of sentence-transformers that compute and change embeddings of words."""

from typing import Any, cast

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel

WHITESPACE = "WhitespaceTokenizer"
_TOKENIZERS = frozenset({WHITESPACE, "TransformersTokenizerWrapper"})
_VOCABULARIES = {
    "WordEmbeddings": "whitespacetokenizer_config.json",
    "BoW": "config.json",
    "WordWeights": "config.json",
}
_PHRASES = "PhraseTokenizer"
_CLASSES = "sentence_transformers."
TOKEN_LAYERS = frozenset({"WordWeights", "LSTM", "CNN", "WeightedLayerPooling"})


def tokenizer_kind(module: EmbeddingModule) -> str:
    """Class of the tokenizer of WordEmbeddings; of other packages, the full name."""
    name = str(module.settings.get("tokenizer_class") or "")
    return name.rsplit(".", 1)[-1] if name.startswith(_CLASSES) else name


def word_input(module: EmbeddingModule) -> str | None:
    """Reason why texts cannot be read with this module of WordEmbeddings; None if they can."""
    kind = tokenizer_kind(module)
    if kind == _PHRASES:
        return (
            "Its tokenizer is PhraseTokenizer, which splits texts with the library NLTK. Slipway "
            "has no extra with NLTK."
        )
    if not kind:
        return "Its WordEmbeddings have no wordembedding_config.json with a tokenizer_class."
    if kind not in _TOKENIZERS:
        return f"Its tokenizer {kind[:80]} is not supported."
    return None


def vocabularies(model: SentenceTransformersModel) -> dict[str, str]:
    """For each file with words of a module: its path, and the kind of the module."""
    found: dict[str, str] = {}
    for module in model.modules:
        name = _VOCABULARIES.get(module.kind)
        if name and module.kind == "WordEmbeddings" and tokenizer_kind(module) != WHITESPACE:
            name = "tokenizer.json"
        if name:
            found[f"{module.folder}/{name}".removeprefix("/")] = module.kind
    return found


def has_no_weights(model: SentenceTransformersModel) -> bool:
    """Whether the modules that read texts have no weights: bags of words."""
    return all(row[0].kind == "BoW" for row in model.routes.values())


def token_layer(module: EmbeddingModule, first: EmbeddingModule) -> str | None:
    """Reason why a layer cannot change the token embeddings of `first`; None if it can."""
    if module.kind == "LSTM":
        return _lstm(module, first)
    if module.kind == "CNN":
        return _cnn(module)
    return _layers(module) if module.kind == "WeightedLayerPooling" else None


def _layers(module: EmbeddingModule) -> str | None:
    count, start = layers_to_weigh(module)
    if type(start) is int and type(count) is int and 0 <= start <= count:
        return None
    return f"Its WeightedLayerPooling starts at layer {start} of {count}."


def layers_to_weigh(module: EmbeddingModule) -> tuple[Any, Any]:
    """Number of layers of the transformer, and the first of those that are weighted."""
    settings = module.settings
    return settings.get("num_hidden_layers", 12), settings.get("layer_start", 4)


def _lstm(module: EmbeddingModule, first: EmbeddingModule) -> str | None:
    if first.kind != "WordEmbeddings":
        return f"Its LSTM needs WordEmbeddings before it; {first.kind} counts no words."
    given = (input_width(module), module.settings.get("hidden_dim"))
    given = (*given, module.settings.get("num_layers", 1))
    return None if all(map(_is_size, given)) else "lstm_config.json has no valid sizes."


def _cnn(module: EmbeddingModule) -> str | None:
    kernels = kernels_of(module)
    sizes = (*kernels, input_width(module), module.settings.get("out_channels", 256))
    if not kernels or not all(map(_is_size, sizes)):
        return "cnn_config.json has no valid sizes."
    if even := [size for size in kernels if size % 2 == 0]:
        return (
            f"Its CNN has a kernel of {even[0]}, an even number: its result has another length "
            "than the text."
        )
    strides = module.settings.get("stride_sizes")
    if strides is not None and strides != [1] * len(kernels):
        return "Its CNN has strides other than 1: its result is shorter than the text."
    return None


def kernels_of(module: EmbeddingModule) -> list[int]:
    """Kernel sizes of a CNN; none if the settings have no list of them."""
    found = module.settings.get("kernel_sizes", [1, 3, 5])
    return cast("list[int]", found) if isinstance(found, list) else []


def input_width(module: EmbeddingModule) -> Any:
    """Number of dimensions that an LSTM or a CNN reads; older files have longer names for it."""
    prefix = "in_" if module.kind == "CNN" else ""
    names = (f"{prefix}embedding_dimension", f"{prefix}word_embedding_dimension")
    return next((module.settings[one] for one in names if one in module.settings), None)


def _is_size(value: object) -> bool:
    return type(value) is int and value > 0
