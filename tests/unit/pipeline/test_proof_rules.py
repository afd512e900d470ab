"""What counts as a proof, task by task."""

import json
import math
from typing import Any

import pytest

from backend.errors.server import VerifyFailed
from backend.pipeline.proof_rules import NO_TEXT, NOTHING_FOUND, check, demanding
from backend.tasks import TASKS


@pytest.mark.parametrize(
    ("task", "output", "warning"),
    [
        ("text-generation", [{"generated_text": "a story"}], None),
        ("text-generation", [{"generated_text": ""}], NO_TEXT),
        ("text-generation", [{"generated_text": " \n"}], NO_TEXT),
        ("summarization", [{"summary_text": ""}], NO_TEXT),
        ("translation", [{"translation_text": "oui"}], None),
        ("automatic-speech-recognition", {"text": ""}, NO_TEXT),
        ("question-answering", {"answer": "", "score": 0.4, "start": 0, "end": 0}, NO_TEXT),
        ("visual-question-answering", [{"answer": "", "score": 0.1}, {"answer": "yes"}], None),
        ("object-detection", [], NOTHING_FOUND),
        ("token-classification", [], NOTHING_FOUND),
        ("text-classification", [[{"label": "POSITIVE", "score": 0.9}]], None),
        ("feature-extraction", [[0.1, 0.2]], None),
        ("text-to-speech", {"content_type": "audio/wav", "bytes": 4000}, None),
    ],
)
def test_empty_output_is_accepted_with_warning(task: str, output: Any, warning: str | None) -> None:
    assert check(TASKS[task], output) == warning


@pytest.mark.parametrize(
    ("task", "output", "words"),
    [
        ("text-classification", [], "empty"),
        ("text-classification", None, "empty"),
        ("depth-estimation", {}, "empty"),
        ("feature-extraction", [[0.1, math.nan]], "not finite"),
        ("text-classification", [[{"label": "A", "score": math.inf}]], "not finite"),
    ],
)
def test_missing_output_is_rejected(task: str, output: Any, words: str) -> None:
    with pytest.raises(VerifyFailed, match=words):
        check(TASKS[task], output)


@pytest.mark.parametrize(
    "name",
    [
        "text-generation", "image-text-to-text", "summarization", "translation",
        "text2text-generation",
    ],
)  # fmt: skip
def test_generation_proof_requests_at_least_one_token(name: str) -> None:
    task = TASKS[name]
    body = json.loads(demanding(task, task.sample(7)).body)
    assert "'min_new_tokens': 1" in str(body["parameters"])
    task.request.model_validate(body)


def test_file_input_generation_proof_uses_query_parameters() -> None:
    task = TASKS["image-to-text"]
    demand = demanding(task, task.sample(7))
    assert (demand.body, demand.query) == (task.sample(7).body, "?min_new_tokens=1")


@pytest.mark.parametrize(
    "name", ["text-classification", "image-classification", "text-ranking", "text-to-speech"]
)
def test_other_proofs_use_sample_unchanged(name: str) -> None:
    demand = demanding(TASKS[name], TASKS[name].sample(7))
    assert (demand.body, demand.query) == (TASKS[name].sample(7).body, "")
