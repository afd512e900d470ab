"""zero-shot-classification on a real server, compared with transformers' own pipeline."""

from pathlib import Path
from typing import Any

import pytest
import transformers
from huggingface_hub import InferenceClient

from tests.fakes import model_servers

TASK = "zero-shot-classification"
TEXT = "maria found the film boring."
LABELS = ["film", "museum", "day in lisbon"]


@pytest.mark.parametrize(
    "more",
    [{}, {"multi_label": True}, {"hypothesis_template": "the {} was wonderful"}],
)
def test_scores_match_pipeline(
    more: dict[str, Any], predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipe = transformers.pipeline(TASK, model=str(models[TASK]), device="cpu")
    for labels in (LABELS, LABELS[:1]):
        expected: Any = pipe(TEXT, candidate_labels=labels, **more)
        results = predict(TASK, TEXT, candidate_labels=labels, **more).json()
        assert [entry["label"] for entry in results] == expected["labels"]
        scores = [entry["score"] for entry in results]
        assert scores == pytest.approx(expected["scores"], abs=1e-4)


def test_batch_and_many_labels_return_one_result_per_item(
    predict: model_servers.Predict,
) -> None:
    many = [f"{prefix}{i}" for prefix in "abc" for i in range(15)]
    both = predict(TASK, [TEXT, "the museum"], candidate_labels=many).json()
    assert both[0] == predict(TASK, TEXT, candidate_labels=many).json()
    assert both[1] == predict(TASK, "the museum", candidate_labels=many).json()
    assert {entry["label"] for entry in both[0]} == set(many)
    assert sum(entry["score"] for entry in both[0]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "candidate_labels"),
        ({"candidate_labels": []}, "candidate_labels"),
        ({"candidate_labels": "film"}, "candidate_labels"),
        ({"candidate_labels": ["film", "film"]}, "twice"),
        ({"candidate_labels": LABELS, "hypothesis_template": "no gap"}, "hypothesis_template"),
        ({"candidate_labels": LABELS, "hypothesis_template": "{}" * 400}, "must be there once"),
    ],
)
def test_labels_and_template_are_validated(
    parameters: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    response = predict(TASK, TEXT, **parameters)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_long_text_is_rejected_with_length_and_limit_or_truncated(
    predict: model_servers.Predict,
) -> None:
    long = "the film was boring " * 40
    refused = predict(TASK, [TEXT, long], candidate_labels=LABELS)
    assert refused.json()["code"] == "input-too-long"
    assert refused.json()["detail"].startswith("inputs[1]: ")
    assert "at most 128" in refused.json()["detail"]
    assert len(predict(TASK, long, candidate_labels=LABELS, truncation=True).json()) == 3


def test_total_text_over_all_labels_is_limited(predict: model_servers.Predict) -> None:
    labels = [f"label {i}" for i in range(101)]
    response = predict(TASK, "a" * 100_000, candidate_labels=labels, truncation=True)
    assert response.status_code == 413
    assert "10,100,000 characters" in response.json()["detail"]


def test_huggingface_client_parses_response(urls: dict[str, str]) -> None:
    client = InferenceClient(model=urls[TASK] + "/predict", timeout=30)
    results = client.zero_shot_classification(TEXT, LABELS, hypothesis_template="it was {}")
    assert {entry.label for entry in results} == set(LABELS)
