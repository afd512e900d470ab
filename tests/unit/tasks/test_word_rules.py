"""Which word-vector models are served, from their files alone."""

from typing import Any

import pytest

from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.tasks.module_files import files_to_read, read_modules
from backend.tasks.module_rules import embeds, is_plain
from backend.tasks.word_rules import has_no_weights, vocabularies

CLASSES = "sentence_transformers.models"
SPLITS = f"{CLASSES}.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer"


def model(*kinds: str, **configs: Any) -> SentenceTransformersModel:
    """Modules of these kinds, each in a folder of its own, with the configs of the folders."""
    files: dict[str, Any] = {
        "modules.json": [
            {"type": f"{CLASSES}.{kind}", "path": f"{place}_{kind}"}
            for place, kind in enumerate(kinds)
        ],
        "0_WordEmbeddings/wordembedding_config.json": {"tokenizer_class": SPLITS},
        "0_WordEmbeddings/whitespacetokenizer_config.json": None,
    }
    names = {"LSTM": "lstm_config", "CNN": "cnn_config", "WordEmbeddings": "wordembedding_config"}
    for kind, config in configs.items():
        files[f"{kinds.index(kind)}_{kind}/{names.get(kind, 'config')}.json"] = config
    read: dict[str, object] = {}
    while asked := files_to_read(read, files):
        assert not {"whitespacetokenizer_config.json"} & {name.split("/")[-1] for name in asked}
        read |= {name: files[name] for name in asked}
    found = read_modules(read)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (model("WordEmbeddings", "Pooling"), None),
        (model("WordEmbeddings", "WordWeights", "Pooling"), None),
        (model("Transformer", "WordWeights", "Pooling"), None),
        (model("BoW", "Dense"), None),
        (model("WordEmbeddings", "LSTM", "Pooling", LSTM={
            "word_embedding_dimension": 4, "hidden_dim": 2
        }), None),
        (model("Transformer", "CNN", "Pooling", CNN={"in_word_embedding_dimension": 4}), None),
        (model("Transformer", "WeightedLayerPooling", "Pooling"), None),
        (model("WordEmbeddings"), "no pooling module"),
        (model("BoW", "Pooling"), "no token embeddings, since BoW"),
        (model("StaticEmbedding", "CNN"), "CNN has no token embeddings"),
        (model("MLMTransformer", "WordWeights"), "WordWeights has no token embeddings"),
        (model("WordEmbeddings", "Pooling", Pooling={"pooling_mode": "cls"}), "the CLS token"),
        (model("WordEmbeddings", "Pooling", WordEmbeddings={}), "no wordembedding_config.json"),
        (model("WordEmbeddings", "Pooling", WordEmbeddings={
            "tokenizer_class": f"{CLASSES}.tokenizer.PhraseTokenizer.PhraseTokenizer"
        }), "PhraseTokenizer, which splits texts with the library NLTK"),
        (model("WordEmbeddings", "Pooling", WordEmbeddings={
            "tokenizer_class": "mine.WhitespaceTokenizer"
        }), "Its tokenizer mine.WhitespaceTokenizer is not supported"),
        (model("Transformer", "LSTM", "Pooling"), "LSTM needs WordEmbeddings before it"),
        (model("WordEmbeddings", "LSTM", "Pooling", LSTM={"hidden_dim": 2}), "no valid sizes"),
        (model("Transformer", "CNN", "Pooling"), "cnn_config.json has no valid sizes"),
        (model("Transformer", "CNN", "Pooling", CNN={
            "in_embedding_dimension": 4, "kernel_sizes": [1, 4]
        }), "a kernel of 4, an even number"),
        (model("Transformer", "CNN", "Pooling", CNN={
            "in_embedding_dimension": 4, "kernel_sizes": [1, 3], "stride_sizes": [1, 2]
        }), "strides other than 1"),
        (model("Transformer", "WeightedLayerPooling", "Pooling", WeightedLayerPooling={
            "layer_start": 13
        }), "starts at layer 13 of 12"),
    ],
)  # fmt: skip
def test_modules_of_words_are_served_or_rejected_by_reason(
    found: SentenceTransformersModel, reason: str | None
) -> None:
    verdict = embeds(found)
    if reason is None:
        assert verdict is None
    else:
        assert reason in str(verdict)


def test_files_with_words_are_required_but_not_read() -> None:
    found = model("WordEmbeddings", "WordWeights", "Pooling")
    assert vocabularies(found) == {
        "0_WordEmbeddings/whitespacetokenizer_config.json": "WordEmbeddings",
        "1_WordWeights/config.json": "WordWeights",
    }
    wrapper = f"{CLASSES}.tokenizer.TransformersTokenizerWrapper"
    wrapped = model("WordEmbeddings", "Pooling", WordEmbeddings={"tokenizer_class": wrapper})
    assert list(vocabularies(wrapped)) == ["0_WordEmbeddings/tokenizer.json"]
    assert vocabularies(model("Transformer", "Pooling")) == {}
    assert (has_no_weights(model("BoW")), has_no_weights(found)) == (True, False)


def test_pooling_of_all_layers_is_not_run_from_an_onnx_file() -> None:
    for kinds, is_any_engine in (
        (("Transformer", "Pooling"), True),
        (("Transformer", "WeightedLayerPooling", "Pooling"), False),
    ):
        found = model(*kinds)
        first = found.routes[""][0].model_copy(update={"folder": ""})
        placed = found.model_copy(update={"routes": {"": [first, *found.routes[""][1:]]}})
        assert is_plain(placed) is is_any_engine
