"""zero-shot-audio-classification on a real server: numbers, parts of a long audio, refusals."""

import base64
from pathlib import Path

import numpy as np
import pytest
import transformers

from backend.inference.adapters.audio.zero_shot_audio_classification import (
    ZeroShotAudioClassification,
)
from backend.inference.loading import load
from backend.inference.media import read_audio
from backend.tasks import TASKS
from backend.tasks.samples import wav
from tests.fakes import launch, model_servers
from tests.fakes.audio import joined

TASK = "zero-shot-audio-classification"
LABELS = ["a film", "museum kyoto", "once"]


def packed(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


def test_scores_match_pipeline(predict: model_servers.Predict, models: dict[str, Path]) -> None:
    pipeline = transformers.pipeline(TASK, model=str(models[TASK]))
    for template in ("This is a sound of {}.", "the {} was boring"):
        theirs = pipeline(
            read_audio(wav(1), 16_000), candidate_labels=LABELS, hypothesis_template=template
        )
        ours = predict(
            TASK, packed(wav(1)), candidate_labels=LABELS, hypothesis_template=template
        ).json()
        assert [entry["label"] for entry in ours] == [entry["label"] for entry in theirs]
        assert [entry["score"] for entry in ours] == pytest.approx(
            [entry["score"] for entry in theirs], abs=1e-4
        )


def test_long_audio_is_split_deterministically(
    predict: model_servers.Predict,
) -> None:
    long = joined([wav(1), wav(2), wav(3), wav(4), wav(5)])
    first = predict(TASK, packed(long), candidate_labels=LABELS).json()
    assert first == predict(TASK, packed(long), candidate_labels=LABELS).json()
    parts = [joined([wav(1), wav(2)]), joined([wav(3), wav(4)]), joined([wav(4), wav(5)])]
    results = predict(TASK, [packed(part) for part in parts], candidate_labels=LABELS).json()
    logits = [
        {entry["label"]: np.log(entry["score"]) for entry in result} for result in results
    ]  # fmt: skip
    means = {label: np.exp(np.mean([part[label] for part in logits])) for label in LABELS}
    total = sum(means.values())
    for entry in first:
        assert entry["score"] == pytest.approx(means[entry["label"]] / total, abs=1e-4)


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    assert isinstance(adapter, ZeroShotAudioClassification)
    parameters = TASKS[TASK].parameters.model_validate({"candidate_labels": LABELS})
    audios = [wav(1), joined([wav(1), wav(2), wav(3)]), wav(4)]
    prepared = [adapter.encode(audio, parameters) for audio in audios]
    assert len({one.key for one in prepared}) == 1
    together = adapter.forward(prepared)
    for one, raw in zip(prepared, together, strict=True):
        assert raw == pytest.approx(adapter.forward([one])[0], abs=1e-4)


def test_bad_parameters_are_reported_by_name(predict: model_servers.Predict) -> None:
    assert "candidate_labels" in predict(TASK, packed(wav(1))).json()["detail"]
    assert predict(TASK, packed(wav(1)), candidate_labels=[]).status_code == 422
    assert predict(TASK, packed(wav(1)), candidate_labels=[""]).status_code == 422
    without_placeholder = predict(
        TASK, packed(wav(1)), candidate_labels=LABELS, hypothesis_template="a sound"
    )
    assert without_placeholder.json()["errors"][0]["pointer"] == "#/parameters/hypothesis_template"
    long = predict(TASK, packed(wav(1)), candidate_labels=["film " * 90]).json()
    assert long["code"] == "input-too-long"
    second = predict(TASK, [packed(wav(1)), "!!"], candidate_labels=LABELS).json()
    assert second["detail"].startswith("inputs[1]:")
    assert (
        "not fetched" in predict(TASK, "https://a/b.wav", candidate_labels=LABELS).json()["detail"]
    )
