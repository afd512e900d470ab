"""Tiny models of sentence-transformers without a transformer, saved by the library itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

from tests.fakes.module_folders import move_first
from tests.fakes.tiny_models.tokenizers import bert_tokenizer

WIDTH = 12
WORDS = (
    "PADDING_TOKEN", "maria", "found", "the", "museum", "in", "kyoto", "wonderful", "day", "film",
    "was", "boring", "once", "upon", "a", "time", "7",
)  # fmt: skip
WEIGHTS = {"museum": 2.5, "film": 0.25, "Boring": 9.0, "upon": 1.75, "maria": 0.5}
OLDER = "sentence_transformers.models"


def save(folder: Path, *parts: Any, **more: Any) -> None:
    """Save a SentenceTransformer."""
    model = SentenceTransformer(modules=list(parts), device="cpu", **more)
    model.save(str(folder), create_model_card=False)


def vectors(seed: int = 0, **settings: Any) -> modules.WordEmbeddings:
    """A random vector for each word; zero for the first, as for vectors from a text file."""
    torch.manual_seed(seed)
    table = torch.randn(len(WORDS), WIDTH)
    table[0] = 0
    tokenizer = WhitespaceTokenizer(WORDS, stop_words=["the", "in"], do_lower_case=True)
    return modules.WordEmbeddings(tokenizer, table, **settings)


def glove(folder: Path) -> None:
    """The layout of GloVe models: older names, a folder for the word vectors, and a pickle."""
    save(folder, vectors(), modules.Pooling(WIDTH))
    inner = move_first(folder, "0_WordEmbeddings")
    config = json.loads((inner / "wordembedding_config.json").read_text())
    config["tokenizer_class"] = f"{OLDER}.tokenizer.WhitespaceTokenizer.WhitespaceTokenizer"
    (inner / "wordembedding_config.json").write_text(json.dumps(config))
    layers = json.loads((folder / "modules.json").read_text())
    for layer, kind in zip(layers, ("WordEmbeddings", "Pooling"), strict=True):
        layer["type"] = f"{OLDER}.{kind}"
    (folder / "modules.json").write_text(json.dumps(layers))
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True})
    )
    torch.save(load_file(inner / "model.safetensors"), inner / "pytorch_model.bin")
    (inner / "model.safetensors").unlink()


def weighted_words(folder: Path) -> None:
    """Word vectors with weights, all poolings that use them, and prompts."""
    weights = modules.WordWeights(list(WORDS), WEIGHTS, unknown_word_weight=1.5)
    means = ("mean", "mean_sqrt_len_tokens", "weightedmean", "max", "lasttoken")
    save(folder, vectors(1), weights, modules.Pooling(WIDTH, means), modules.Normalize(),
         prompts={"query": "museum film "}, truncate_dim=40)  # fmt: skip


def wrapped_words(folder: Path) -> None:
    """Word vectors for the tokens of a tokenizer of transformers."""
    torch.manual_seed(2)
    tokenizer: Any = bert_tokenizer()
    table = torch.randn(len(tokenizer), WIDTH)
    save(folder, modules.WordEmbeddings(tokenizer, table), modules.Pooling(WIDTH))


def lstm(folder: Path) -> None:
    """A recurrent network in both directions, with an older name in its settings."""
    torch.manual_seed(3)
    layer = modules.LSTM(WIDTH, 5, num_layers=2)
    save(folder, vectors(4), layer, modules.Pooling(10, ("mean", "max")), modules.Dense(20, 8))
    path = folder / "1_LSTM" / "lstm_config.json"
    config = json.loads(path.read_text())
    config["word_embedding_dimension"] = config.pop("embedding_dimension")
    path.write_text(json.dumps(config))


def cnn(folder: Path) -> None:
    """Convolutions of two lengths, with an older name in their settings."""
    torch.manual_seed(5)
    layer = modules.CNN(WIDTH, out_channels=6, kernel_sizes=[1, 5])
    save(folder, vectors(6), layer, modules.Pooling(12, ("mean", "max")))
    path = folder / "1_CNN" / "cnn_config.json"
    config = json.loads(path.read_text())
    config["in_word_embedding_dimension"] = config.pop("in_embedding_dimension")
    path.write_text(json.dumps(config))


def bag_of_words(folder: Path) -> None:
    """A dimension for each word, and no weights file at all."""
    save(folder, modules.BoW(list(WORDS), WEIGHTS, unknown_word_weight=0.5))


SHAPES: dict[str, Callable[[Path], None]] = {
    "glove": glove, "weighted_words": weighted_words, "wrapped_words": wrapped_words,
    "lstm": lstm, "cnn": cnn, "bag_of_words": bag_of_words,
}  # fmt: skip


def phrases(folder: Path) -> None:
    """Word vectors with a tokenizer that requires NLTK, in the layout of the library."""
    glove(folder)
    inner = folder / "0_WordEmbeddings"
    (inner / "whitespacetokenizer_config.json").rename(inner / "phrasetokenizer_config.json")
    name = "sentence_transformers.sentence_transformer.modules.tokenizer.phrase.PhraseTokenizer"
    (inner / "wordembedding_config.json").write_text(json.dumps({"tokenizer_class": name}))
