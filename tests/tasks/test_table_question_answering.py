"""table-question-answering on a real server, compared with transformers' own pipeline."""

from pathlib import Path
from typing import Any

import pytest
import transformers
from huggingface_hub import InferenceClient

from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.scores import sigmoid
from backend.inference.adapters.text.table_question_answering import TableQuestionAnswering
from backend.tasks import TASKS
from backend.tasks.table_question_answering import Parameters
from tests.fakes import launch, model_servers

TASK = "table-question-answering"
TABLE = {"film": ["museum", "kyoto", "lisbon"], "day": ["7", "42", "9"]}
QUERY = "which film was boring?"
LONG = {"film": [f"museum {i}" for i in range(60)]}


def sample_item(seed: int) -> dict[str, Any]:
    shown: Any = TASKS[TASK].sample(seed).shown
    return shown["inputs"]


def test_answers_match_pipeline(predict: model_servers.Predict, models: dict[str, Path]) -> None:
    pipe = transformers.pipeline(TASK, model=str(models[TASK]), device="cpu")
    items = [{"query": QUERY, "table": TABLE}, *(sample_item(seed) for seed in range(4))]
    answers = predict(TASK, items).json()
    assert any(answer["cells"] for answer in answers)
    for item, answer in zip(items, answers, strict=True):
        expected: Any = pipe(item)
        assert answer == expected | {"coordinates": [list(c) for c in expected["coordinates"]]}


def test_question_alias_and_numeric_cells_are_accepted(predict: model_servers.Predict) -> None:
    result = predict(TASK, {"query": QUERY, "table": TABLE}).json()
    assert set(result) == {"answer", "coordinates", "cells", "aggregator"}
    assert predict(TASK, {"question": QUERY, "table": TABLE}).json() == result
    numbers = {**TABLE, "day": [7, 42, 9]}
    assert predict(TASK, {"query": QUERY, "table": numbers}, sequential=True).json() == result


def test_long_table_is_rejected_with_length_and_limit_or_loses_rows(
    predict: model_servers.Predict,
) -> None:
    refused = predict(TASK, {"query": QUERY, "table": LONG})
    assert refused.json()["code"] == "input-too-long"
    assert "at most 128" in refused.json()["detail"]
    assert predict(TASK, {"query": QUERY, "table": LONG}, truncation=True).status_code == 200


def test_too_large_table_is_rejected_before_tokenization(predict: model_servers.Predict) -> None:
    rows: Any = {"query": QUERY, "table": {"film": ["a"] * 200_000}}
    refused = predict(TASK, rows)
    assert refused.status_code == 422
    assert "The table has 200,000 rows; the limit of this model is 127." in refused.json()["detail"]
    assert predict(TASK, rows, truncation=True).status_code == 200
    columns = {str(i): ["a"] for i in range(20_000)}
    refused = predict(TASK, {"query": QUERY, "table": columns})
    assert "20,000 columns; the limit" in refused.json()["detail"]
    refused = predict(TASK, {"query": QUERY, "table": {"film": ["a" * 300_000]}}, truncation=True)
    assert refused.status_code == 413
    assert "300,026 characters; the limit is 200,000" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"table": TABLE}, "question is missing"),
        ({"query": "a", "question": "b", "table": TABLE}, "question is missing"),
        ({"query": QUERY, "table": {"a": ["1"], "b": []}}, "different lengths"),
        ({"query": QUERY, "table": {"a": []}}, "no rows"),
        ({"query": QUERY, "table": {}}, "table"),
        ({"query": QUERY, "table": {"a": [["1"]]}}, "table.a.0"),
        ({"query": QUERY, "tables": TABLE}, "tables"),
        (QUERY, "query, question, table"),
    ],
)
def test_bad_table_is_reported_with_its_index(
    bad: object, words: str, predict: model_servers.Predict
) -> None:
    response = predict(TASK, [{"query": QUERY, "table": TABLE}, bad])
    assert response.status_code == 422
    assert response.json()["detail"].startswith("inputs[1]: ")
    assert words in response.json()["detail"]


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    folder = models[TASK]
    adapter = TableQuestionAnswering(
        LoadedModel(
            spec=launch.spec(TASK, folder),
            model=transformers.AutoModelForTableQuestionAnswering.from_pretrained(folder).eval(),
            processor=transformers.AutoTokenizer.from_pretrained(folder),
        )
    )
    group = [adapter.encode(sample_item(seed), Parameters()) for seed in range(3)]
    together = adapter.forward(group)
    for one, raw in zip(group, together, strict=True):
        [alone] = adapter.forward([one])
        assert sigmoid(raw[0]) == pytest.approx(sigmoid(alone[0]), abs=1e-4)
        answer = adapter.decode(raw, one, Parameters())
        assert answer == adapter.decode(alone, one, Parameters())


def test_huggingface_client_parses_response(urls: dict[str, str]) -> None:
    url = urls[TASK] + "/predict"
    client = InferenceClient(timeout=30)
    table: Any = TABLE
    answer = client.table_question_answering(table, QUERY, model=url, truncation=True)
    assert len(answer.cells) == len(answer.coordinates)
