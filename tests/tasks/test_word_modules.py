"""Word-vector models return what sentence-transformers returns, for any text and any batch."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

from backend.errors.base import PlatformError
from backend.errors.inference import InvalidInput
from backend.errors.model import CorruptModel
from backend.inference.loading import load
from backend.inference.protocols.tei.tokens import tokens_of
from backend.tasks import TASKS
from backend.tasks.base import RequestModel
from backend.tasks.feature_extraction import TokenParameters
from tests.fakes import launch, word_models
from tests.fakes.tiny_models import text

SAME = 1e-5
# Of 1, 10, 0 and 2 known words.
TEXTS = (
    "film",
    '"Maria" found in the museum: a WONDERFUL day, once upon a time, in zanzibar.',
    "nothing known",
    "boring film!",
)
# At the end of a word, its last letter has another lower case than elsewhere.
SIGMA = "\N{GREEK SMALL LETTER ALPHA}\N{GREEK SMALL LETTER FINAL SIGMA}"
TOKENS: RequestModel = TokenParameters.model_validate({})


def embed(folder: Path, texts: Any = TEXTS, given: Any = None, **parameters: Any) -> Any:
    """Results for texts in one batch."""
    adapter = load(launch.spec("feature-extraction", folder))
    checked = given or TASKS["feature-extraction"].parameters.model_validate(parameters)
    group = [adapter.encode(one, checked) for one in texts]
    raws = adapter.forward(group)
    return [adapter.decode(raw, one, checked) for raw, one in zip(raws, group, strict=True)]


def library(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def every_token(model: SentenceTransformer, given: str) -> np.ndarray:
    """The library's embeddings of the tokens of a text."""
    made: Any = model.encode(given, output_value="token_embeddings")
    return made.numpy()


def unpadded() -> modules.WordEmbeddings:
    """Word vectors whose first word, which fills up short texts in the library, is not zero."""
    made = word_models.vectors(7)
    torch.nn.init.normal_(made.emb_layer.weight)
    return made


def parts(kind: str) -> list[Any]:
    """Modules in front of the pooling, with random weights."""
    torch.manual_seed(8)
    width = word_models.WIDTH
    return {
        "words": [],
        "weights": [modules.WordWeights(list(word_models.WORDS), word_models.WEIGHTS)],
        "lstm": [modules.LSTM(width, 6, bidirectional=False), modules.CNN(6, 12, [3])],
        "cnn": [modules.CNN(width, 4, [1, 3, 5]), modules.CNN(12, 4, [3, 1, 1])],
    }[kind]


@pytest.mark.parametrize("kind", ["words", "weights", "lstm", "cnn"])
def test_embedding_of_text_is_the_same_alone_and_in_any_batch(kind: str, tmp_path: Path) -> None:
    means = ("mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
    folder = tmp_path / kind
    pooling = modules.Pooling(word_models.WIDTH, means)
    word_models.save(folder, unpadded(), *parts(kind), pooling)
    alone = library(folder)
    # One by one, since the library's convolutions see the padding of a batch.
    wanted = np.stack([alone.encode(one) for one in TEXTS])
    assert np.array(embed(folder)) == pytest.approx(wanted, abs=SAME)
    assert not wanted[2].any()
    for one, expected in zip(TEXTS, wanted, strict=True):
        assert embed(folder, [one])[0] == pytest.approx(expected, abs=SAME)
    # The embeddings of the words that are pooled.
    words = [every_token(alone, one) for one in TEXTS]
    found = embed(folder, given=TOKENS)
    assert [len(one) for one in found] == [1, 10, 0, 2]
    for place in (0, 1, 3):
        assert found[place] == pytest.approx(words[place], abs=SAME)


@pytest.mark.parametrize(
    "settings",
    [
        {"stop_words": []},
        {"stop_words": ["film", "was", "a"]},
        {"do_lower_case": True, "stop_words": ["maria"]},
        {"stop_words": ["!", "Film"]},
    ],
)
def test_words_are_found_as_in_the_library(settings: dict[str, Any], tmp_path: Path) -> None:
    words = ["", "film", "Film", "(a)", "a", "maria", "İstanbul", "i̇stanbul", "was", SIGMA]
    tokenizer = WhitespaceTokenizer(words, **settings)
    table = torch.eye(len(words))
    save = modules.WordEmbeddings(tokenizer, table, max_seq_length=6)
    word_models.save(tmp_path / "model", save, modules.Pooling(len(words)))
    upper = SIGMA.upper()
    texts = [
        "Film film, FILM! (film)", "(a) (A) [a] a.", f"... was\u2003{upper} {upper}, !",
        "İstanbul: İSTANBUL", "maria\x1cMaria\u00a0MARIA film--a",
    ]  # fmt: skip
    wanted = library(tmp_path / "model").encode(texts)
    assert np.array(embed(tmp_path / "model", texts)) == pytest.approx(wanted, abs=SAME)
    adapter = load(launch.spec("feature-extraction", tmp_path / "model"))
    assert adapter.facts()["max_input_tokens"] == 6
    too_long = f"{SIGMA} {'İstanbul ' * 7}"
    with pytest.raises(PlatformError, match="this model takes at most 6"):
        embed(tmp_path / "model", [too_long])
    cut = embed(tmp_path / "model", [too_long], truncate=True)[0]
    assert cut == pytest.approx(library(tmp_path / "model").encode(too_long), abs=SAME)


def test_tokenize_returns_the_known_words_with_their_places(tmp_path: Path) -> None:
    word_models.weighted_words(tmp_path / "model")
    adapter: Any = load(launch.spec("feature-extraction", tmp_path / "model"))
    given = 'é the «film» "Film", upon'
    found = tokens_of(adapter.tokenizer, given, add_special_tokens=True)
    assert [(one["text"], one["start"], one["stop"]) for one in found] == [
        ("Film", 17, 21), ("upon", 24, 28),
    ]  # fmt: skip
    assert adapter.tokenizer.decode([one["id"] for one in found]) == "film upon"
    assert len(adapter.tokenizer) == len(word_models.WORDS)


def test_prompt_and_dimensions_apply_to_word_vectors(tmp_path: Path) -> None:
    word_models.weighted_words(tmp_path / "model")
    model = library(tmp_path / "model")
    known = [TEXTS[0], TEXTS[1], TEXTS[3]]
    found = embed(tmp_path / "model", known, prompt_name="query", dimensions=7, normalize=True)
    wanted = model.encode(known, prompt_name="query", truncate_dim=7, normalize_embeddings=True)
    assert np.array(found) == pytest.approx(wanted, abs=SAME)
    assert load(launch.spec("feature-extraction", tmp_path / "model")).facts()["dimensions"] == 40


def test_text_without_known_words_has_no_maximum(tmp_path: Path) -> None:
    word_models.lstm(tmp_path / "model")
    # The library returns minus infinity, which JSON does not have.
    pooled = SentenceTransformer(modules=list(library(tmp_path / "model"))[:3], device="cpu")
    assert np.isinf(pooled.encode(TEXTS[2])).any()
    with pytest.raises(InvalidInput, match="knows no word of the text"):
        embed(tmp_path / "model", [TEXTS[2]])


@pytest.mark.parametrize("counts", [True, False])
def test_bag_of_words_counts_words_as_in_the_library(counts: bool, tmp_path: Path) -> None:
    words = [*word_models.WORDS, "film", "Upon"]
    layer = modules.BoW(words, word_models.WEIGHTS, 0.5, cumulative_term_frequency=counts)
    word_models.save(tmp_path / "bag", layer)
    texts = [*TEXTS, "film Film film, boring"]
    wanted = library(tmp_path / "bag").encode(texts)
    assert np.array(embed(tmp_path / "bag", texts)) == pytest.approx(wanted, abs=SAME)
    with pytest.raises(InvalidInput, match="no embeddings of tokens"):
        embed(tmp_path / "bag", given=TOKENS)


def layered(folder: Path, *, has_layers: bool, **kwargs: Any) -> Path:
    """A transformer with WeightedLayerPooling."""
    base = text.bert(folder.with_name("base"), "BertModel")
    options: dict[str, Any] = {"config_kwargs": {"output_hidden_states": True}}
    layer = modules.WeightedLayerPooling(32, num_hidden_layers=2, **kwargs)
    torch.nn.init.uniform_(layer.layer_weights, 0.5, 2)
    first = modules.Transformer(str(base), **(options if has_layers else {}))
    word_models.save(folder, first, layer, modules.Pooling(32))
    return folder


@pytest.mark.parametrize("has_layers", [True, False])
def test_layers_are_weighted_only_if_the_transformer_returns_them(
    has_layers: bool, tmp_path: Path
) -> None:
    folder = layered(tmp_path / "model", has_layers=has_layers, layer_start=0)
    wanted = library(folder).encode(list(TEXTS))
    assert np.array(embed(folder)) == pytest.approx(wanted, abs=SAME)
    plain = SentenceTransformer(modules=[library(folder)[0], modules.Pooling(32)], device="cpu")
    assert np.allclose(plain.encode(list(TEXTS)), wanted, atol=1e-3) is not has_layers
    [tokens] = embed(folder, [TEXTS[1]], given=TOKENS)
    assert tokens == pytest.approx(every_token(library(folder), TEXTS[1]), abs=SAME)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("whitespacetokenizer_config.json", {"vocab": ["film"]}),
        ("whitespacetokenizer_config.json", []),
        ("1_WordWeights/config.json", {"word_weights": {}}),
    ],
)
def test_broken_vocabulary_is_a_corrupt_model(name: str, content: object, tmp_path: Path) -> None:
    word_models.weighted_words(tmp_path / "model")
    (tmp_path / "model" / name).write_text(json.dumps(content))
    with pytest.raises(CorruptModel, match=name.rpartition("/")[2]):
        load(launch.spec("feature-extraction", tmp_path / "model"))
