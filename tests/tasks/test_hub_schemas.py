"""Requests and responses validate against the JSON Schemas of the Hub, from @huggingface/tasks."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft6Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

from backend.tasks import TASKS
from tests.tasks import matrix

SPECS = Path(__file__).resolve().parents[2] / "node_modules/@huggingface/tasks/src/tasks"
TASKS_WITH_SPECS = [task for task in TASKS if (SPECS / task / "spec" / "output.json").is_file()]

# Where the Hub's schema and the Hub's Python client contradict each other, we follow the client.
DIFFERENT_RESPONSES: dict[str, str] = {
    "fill-mask": "the client reads token_str, as the pipeline always wrote it, not tokenStr",
    "image-to-image": "the client takes the bytes as they are",
    "image-to-text": "the client reads the first of a list",
    "question-answering": "the client and the pipeline have no list where one answer is wanted",
    "summarization": "the client reads the first of a list",
    "table-question-answering": "the client reads an object, as the pipeline answers",
    "text-classification": "the client reads the first of a list of lists",
    "text-generation": "the client reads a list or an object; the first servers sent a list",
    "text-to-image": "the client takes the bytes as they are",
    "text-to-audio": "a file is answered as a file, with its type in the header",
    "text-to-speech": "the client takes the bytes as they are",
    "translation": "the client reads the first of a list",
}


DIFFERENT_REQUESTS: dict[str, str] = {
    "table-question-answering": "the client sends query, not question; we take both",
}


@pytest.mark.skipif(not SPECS.is_dir() and not os.environ.get("CI"), reason="npm ci was not run")
def test_hub_schemas_exist_for_most_tasks() -> None:
    assert len(TASKS_WITH_SPECS) > 20


@pytest.fixture(scope="module")
def schemas() -> Registry[Any]:
    """All schemas by the ids that they name each other by."""
    found = (json.loads(file.read_text()) for file in SPECS.rglob("*.json"))
    resources = (Resource.from_contents(each, DRAFT6) for each in found if "$id" in each)
    return Registry[Any]().with_resources((each.contents["$id"], each) for each in resources)


def problems(schemas: Registry[Any], task: str, part: str, value: Any) -> list[str]:
    """Validation errors of a request or a response against the schema of the Hub."""
    schema = schemas[f"/inference/schemas/{task}/{part}.json"].contents
    validator = Draft6Validator(schema, registry=schemas)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("task", TASKS_WITH_SPECS)
def test_sample_request_matches_hub_schema(task: str, schemas: Registry[Any]) -> None:
    found = problems(schemas, task, "input", matrix.body_of(TASKS[task], 1))
    assert (found == []) == (task not in DIFFERENT_REQUESTS), found


@pytest.mark.parametrize("task", TASKS_WITH_SPECS)
def test_response_matches_hub_schema(
    task: str, schemas: Registry[Any], urls: dict[str, str]
) -> None:
    response = httpx.post(urls[task] + "/predict", json=matrix.body_of(TASKS[task], 1), timeout=60)
    assert response.status_code == 200, response.text
    is_file = TASKS[task].output != "json"
    found = ["a file"] if is_file else problems(schemas, task, "output", response.json())
    assert bool(found) == (task in DIFFERENT_RESPONSES), found
