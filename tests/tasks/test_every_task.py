"""What holds for every served task, on real servers with tiny random models."""

import httpx
import pytest

from backend.tasks import TASKS


@pytest.mark.parametrize("task", TASKS)
def test_every_sample_is_answered_and_answers_differ(task: str, urls: dict[str, str]) -> None:
    answers: list[bytes] = []
    for seed in (1, 2):
        sample = TASKS[task].sample(seed)
        response = httpx.post(
            urls[task] + "/predict", content=sample.body,
            headers={"content-type": sample.content_type}, timeout=30,
        )  # fmt: skip
        assert response.status_code == 200, response.text
        answers.append(response.content)
    assert answers[0] != answers[1]
