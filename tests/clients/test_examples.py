"""The examples of every served task run unchanged in each language."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.domain.model import ModelFacts
from backend.pipeline.usage.curl import curl
from backend.pipeline.usage.example import Example, example_of
from backend.pipeline.usage.inference_client import inference_client
from backend.pipeline.usage.javascript import javascript
from backend.pipeline.usage.openai import openai_example
from backend.pipeline.usage.python import requests_example
from backend.tasks import TASKS
from tests.clients.conftest import KEY, present
from tests.clients.environments import python_of

GENERATION, EMBEDDING = "text-generation", "feature-extraction"
LANGUAGES: dict[str, tuple[Callable[[Example], str | None], list[str]]] = {
    "curl": (curl, ["sh", "-c"]),
    "Python": (requests_example, [sys.executable, "-P", "-c"]),
    "InferenceClient": (inference_client, [sys.executable, "-P", "-c"]),
    "JavaScript": (javascript, ["node", "--input-type=module", "-e"]),
}


def made(task: str, url: str, *, key: bool = False, has_template: bool = False) -> Example:
    facts = ModelFacts.model_construct(id="org/name", has_chat_template=has_template)
    return example_of(TASKS[task], facts, TASKS[task].sample(0), f"{url}/predict", key)


def lay_out(task: str, example: Example, folder: Path) -> None:
    """The files that the example reads, as the wizard offers them for download."""
    sample = TASKS[task].sample(0)
    if example.file:
        (folder / example.file.name).write_bytes(sample.body)
        return
    texts = strings(sample.shown)
    packed = list(dict.fromkeys(t for t in texts if len(t) > 400))
    for file, text in zip(example.files(), packed, strict=True):
        content = base64.b64decode(text.rpartition("base64,")[2])
        (folder / file.name).write_bytes(content)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, dict | list):
        return []
    children = value.values() if isinstance(value, dict) else value
    return [text for child in children for text in strings(child)]


def paste(code: str, command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [*command, code], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"API_KEY": KEY, "NO_PROXY": "*"},
    )  # fmt: skip
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS)
def test_example_runs(task: str, language: str, urls: dict[str, str], tmp_path: Path) -> None:
    write, command = LANGUAGES[language]
    example = made(task, urls[task])
    code = write(example)
    if code is None:
        assert TASKS[task].client_method is None
        return
    with present(command[0]):
        assert shutil.which(command[0]) or not os.environ.get("CI")
    lay_out(task, example, tmp_path)
    printed = paste(code, command, tmp_path)
    if example.saves:
        assert (tmp_path / example.saves).stat().st_size > 100
    else:
        assert printed.strip()
        assert '"error"' not in printed
    if language == "curl" and not example.saves:
        json.loads(printed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_example_reads_key_from_environment(
    language: str, urls: dict[str, str], tmp_path: Path
) -> None:
    write, command = LANGUAGES[language]
    code = write(made(GENERATION, urls["keyed"], key=True))
    assert code is not None
    assert KEY not in code
    assert '"error"' not in paste(code, command, tmp_path)


@pytest.mark.parametrize(
    ("server", "task", "has_template", "calls"),
    [
        (GENERATION, GENERATION, True, "chat.completions"),
        (GENERATION, GENERATION, False, "client.completions"),
        ("keyed", GENERATION, True, "API_KEY"),
        (EMBEDDING, EMBEDDING, False, "embeddings"),
    ],
)
def test_openai_example_prints_response(
    server: str, task: str, has_template: bool, calls: str, urls: dict[str, str], tmp_path: Path
) -> None:
    example = made(task, urls[server], key=server == "keyed", has_template=has_template)
    code = openai_example(task, example.model, urls[server], example.body, key=example.key)
    assert code is not None
    assert calls in code
    with present("openai"):
        python = python_of("openai")
    assert paste(code, [str(python), "-P", "-c"], tmp_path).strip()


def test_task_without_openai_endpoint_has_no_example() -> None:
    example = made("fill-mask", "http://localhost:8100")
    assert openai_example("fill-mask", example.model, "", example.body, key=False) is None
