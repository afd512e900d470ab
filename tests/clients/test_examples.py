"""The examples for OpenAI's client run as they are pasted, and print an answer."""

import os
import subprocess

import pytest

from backend.domain.model import ModelFacts
from backend.pipeline.openai_usage import openai_example
from backend.tasks import TASKS
from tests.clients.conftest import KEY, present
from tests.clients.environments import python_of

GENERATION, EMBEDDING = "text-generation", "feature-extraction"


def example(task: str, url: str, *, has_template: bool = False, key: bool = False) -> str | None:
    facts = ModelFacts.model_construct(id="org/name", has_chat_template=has_template)
    sample = TASKS[task].sample(0).shown
    assert isinstance(sample, dict)
    return openai_example(task, facts, url, sample, key=key)


@pytest.mark.parametrize(
    ("server", "task", "has_template", "calls"),
    [
        (GENERATION, GENERATION, True, "chat.completions"),
        (GENERATION, GENERATION, False, "client.completions"),
        ("keyed", GENERATION, True, "API_KEY"),
        (EMBEDDING, EMBEDDING, False, "embeddings"),
    ],
)
def test_an_example_prints_an_answer(
    server: str, task: str, has_template: bool, calls: str, urls: dict[str, str]
) -> None:
    code = example(task, urls[server], has_template=has_template, key=server == "keyed")
    assert code is not None
    assert calls in code
    with present("openai"):
        python = python_of("openai")
    done = subprocess.run(
        [python, "-P", "-c", code], capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"API_KEY": KEY, "NO_PROXY": "*"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_task_that_the_api_does_not_have_has_no_example() -> None:
    assert example("fill-mask", "http://localhost:8100") is None
