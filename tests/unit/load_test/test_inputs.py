"""Bodies that a load test sends."""

import base64
import json

import pytest

from backend.domain.load_test import LoadTestFile, LoadTestJob, LoadTestRequest
from backend.load_test.inputs import choices, others, streams
from backend.tasks import TASKS


def job(task: str, *, is_handler: bool = False, **request: object) -> LoadTestJob:
    return LoadTestJob(
        url="http://127.0.0.1:1", key=None, task=task, is_handler=is_handler,
        request=LoadTestRequest.model_validate(request),
    )  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_samples_are_valid_and_differ(task: str):
    found = [bodies[0] for bodies in choices(job(task))]
    assert len(set(found)) > 1
    for body in found:
        if body.content_type == "application/json":
            TASKS[task].request.model_validate_json(body.content)


def test_texts_have_several_lengths_and_a_shorter_form():
    found = list(choices(job("text-classification")))
    lengths = {len(json.loads(bodies[0].content)["inputs"].split()) for bodies in found}
    assert {8, 192} <= lengths
    for bodies in found:
        sizes = [len(body.content) for body in bodies[:-1]]
        assert sizes == sorted(sizes, reverse=True)


def test_text_generation_is_streamed_unless_input_sets_it():
    assert streams(job("text-generation"))
    given = job("text-generation", inputs=[{"inputs": "a"}, {"inputs": "b", "stream": False}])
    sent = [json.loads(bodies[0].content)["stream"] for bodies in choices(given)]
    assert sent == [True, False]
    assert not streams(job("text-generation", inputs=[{"inputs": "a", "stream": False}]))


@pytest.mark.parametrize("task", ["text-classification", "summarization", "text-to-image"])
def test_other_tasks_are_not_streamed(task: str):
    assert not streams(job(task))
    assert b'"stream"' not in next(choices(job(task)))[0].content


def test_custom_handler_gets_sample_unchanged():
    task = TASKS["text-generation"]
    assert next(choices(job(task.name, is_handler=True)))[0].content == task.sample(0).body


def test_file_is_sent_as_raw_body():
    content = base64.b64encode(b"image").decode()
    file = LoadTestFile(content_type="image/png", content=content).model_dump()
    [[body]] = choices(job("image-classification", file=file))
    assert (body.content, body.content_type) == (b"image", "image/png")


def test_inputs_are_sent_unchanged_and_the_first_are_tried():
    given = [{"inputs": str(number)} for number in range(20)]
    wanted = job("text-classification", inputs=given)
    tried = [json.loads(bodies[0].content) for bodies in choices(wanted)]
    assert tried + [json.loads(body.content) for body in others(wanted)] == given
    assert len(tried) == 16
