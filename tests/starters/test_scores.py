"""The starters are what their cards say: they load offline, score as stated and stay small."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from transformers import (
    AutoFeatureExtractor,
    AutoImageProcessor,
    AutoModelForAudioClassification,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoTokenizer,
)

from training.evaluate import SCORES
from training.listing import bytes_of, list_starters, read_score
from training.sentiment_score import SENTENCES, classify, read_sentences
from training.sentiment_text import write_reviews

STARTERS = Path(__file__).parents[2] / "backend" / "starters"
LOADERS = {
    "sentiment": (AutoModelForSequenceClassification, AutoTokenizer),
    "digits": (AutoModelForImageClassification, AutoImageProcessor),
    "tones": (AutoModelForAudioClassification, AutoFeatureExtractor),
    "stories": (AutoModelForCausalLM, AutoTokenizer),
}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(min(2, before))
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", SCORES)
def test_starter_score_matches_card_and_is_at_least_80_percent(name: str) -> None:
    card_score, _ = read_score(STARTERS / name)
    score = SCORES[name](STARTERS / name)
    # One prediction can change on another processor or library version.
    assert score == pytest.approx(card_score, abs=0.025)
    assert score >= 0.80


@pytest.mark.parametrize("name", LOADERS)
def test_starter_loads_completely_without_warnings(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(logging.getLogger("transformers"), "propagate", True)
    model_class, other = LOADERS[name]
    with caplog.at_level(logging.WARNING):
        model, info = model_class.from_pretrained(STARTERS / name, output_loading_info=True)
        other.from_pretrained(STARTERS / name)
    assert not any(info.values()), info
    assert not [record.getMessage() for record in caplog.records]
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_starters_are_smaller_than_8_mb_together() -> None:
    assert sum(bytes_of(STARTERS / name) for name in SCORES) < 8_000_000


def test_starter_index_is_current() -> None:
    listed = json.loads((STARTERS / "starters.json").read_text(encoding="utf-8"))
    assert listed == list_starters(STARTERS)


def test_every_example_file_exists() -> None:
    listed = json.loads((STARTERS / "starters.json").read_text(encoding="utf-8"))
    files = [STARTERS / one["id"] / one["example"] for one in listed if "sample." in one["example"]]
    assert len(files) == 2
    assert all(0 < file.stat().st_size < 20_000 for file in files)


def test_clear_positive_review_is_positive() -> None:
    [(label, probability)] = classify(STARTERS / "sentiment", ["What a wonderful film"])
    assert label == "POSITIVE"
    assert probability > 0.9


def test_score_sentences_are_balanced_and_not_in_training_data() -> None:
    sentences = read_sentences(SENTENCES)
    labels = [label for _, label in sentences]
    assert labels.count("POSITIVE") == labels.count("NEGATIVE") == 40
    written = "\n".join(text.lower() for text, _ in write_reviews(20_000, seed=7))
    assert not [text for text, _ in sentences if text.lower().rstrip(".!") in written]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_digits_processor_accepts_every_image_mode(mode: str) -> None:
    processor = AutoImageProcessor.from_pretrained(STARTERS / "digits")
    image = Image.open(STARTERS / "digits" / "sample.png").convert(mode)
    assert processor(image, return_tensors="pt")["pixel_values"].shape == (1, 3, 32, 32)


def test_stories_chat_template_marks_roles() -> None:
    tokenizer = AutoTokenizer.from_pretrained(STARTERS / "stories")
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    assert text == "<s><|user|>Hi<|assistant|>Hello!</s>"


def test_catalogue_lists_each_model_once_with_all_facts() -> None:
    catalogue = json.loads((STARTERS / "catalogue.json").read_text(encoding="utf-8"))
    assert catalogue["checked"] == "not tested on this machine"
    models = catalogue["models"]
    assert len({model["id"] for model in models}) == len(models) >= 40
    facts = {"id", "task", "title", "parameters", "download_bytes", "license", "gated", "served"}
    facts |= {"note"}
    assert all(set(model) == facts for model in models)
