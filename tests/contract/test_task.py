"""What every task keeps: a valid sample, a described schema; together all of transformers."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from backend.tasks import ALIASES, NOT_SERVED, TASKS
from backend.tasks.catalogue import rows

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_samples_are_valid_and_differ(task: Any) -> None:
    samples = [task.sample(seed) for seed in range(5)]
    assert len({sample.body for sample in samples}) == 5
    assert task.sample(1) == samples[1]
    for sample in samples:
        if sample.content_type == "application/json":
            assert json.loads(sample.body) == sample.shown
            task.request.model_validate(sample.shown)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_field_has_description_and_every_number_has_bounds(task: Any) -> None:
    for name, field in {**task.request.model_fields, **task.parameters.model_fields}.items():
        assert field.description, name
    for name, schema in task.parameters.model_json_schema()["properties"].items():
        for kind in schema.get("anyOf", [schema]):
            if kind.get("type") in {"integer", "number"} and "const" not in kind:
                assert {"maximum", "exclusiveMaximum"} & kind.keys(), name
    assert TypeAdapter(task.response).json_schema()


def test_client_method_matches_huggingface_client() -> None:
    methods = set(dir(pytest.importorskip("huggingface_hub").InferenceClient))
    for task in TASKS.values():
        expected = task.name.replace("-", "_")
        assert (task.client_method == expected) == (expected in methods), task.name
        assert task.client_method in {*methods, None}


def test_served_alias_and_unsupported_tasks_cover_transformers() -> None:
    transformers = pytest.importorskip("transformers.pipelines")
    theirs = {
        *transformers.SUPPORTED_TASKS,
        *transformers.TASK_ALIASES,
        *transformers.REMOVED_TASKS,
    }
    assert theirs <= {*TASKS, *ALIASES, *NOT_SERVED}


def test_catalogue_has_row_per_task_with_reason_if_unsupported() -> None:
    by_name = {row.name: row for row in rows()}
    assert set(by_name) == {*TASKS, *NOT_SERVED}
    for row in by_name.values():
        assert row.served == (row.reason is None)
        assert row.served == (row.request is not None)


def test_tasks_import_no_model_libraries() -> None:
    heavy = ["torch", "transformers", "PIL", "numpy", "av"]
    code = f"import backend.tasks.catalogue, sys; print([n for n in {heavy} if n in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(found.stdout) == []
