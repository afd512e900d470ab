"""What holds for every served task, on real servers with tiny random models."""

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from backend.errors import ERRORS
from backend.tasks import TASKS, Task
from tests.tasks import matrix

Post = Callable[..., httpx.Response]

# Tasks that read a text of any length, and why.
READS_ALL = {"question-answering": "in windows that overlap"}
# How a text that is too long is cut where it is not by `truncation` or `truncate` being true.
# An empty one: nothing makes the sample's long form fit.
CUTS: dict[str, dict[str, object]] = {
    "text-generation": {"truncate": 8},
    "table-question-answering": {},
}
# Parameters that make the output of a task with sampling repeatable.
REPEATS: dict[str, dict[str, object]] = {
    "text-to-speech": {"seed": 7}, "text-to-image": {"seed": 7},
}  # fmt: skip

# Less work of the same kind, where the sample is made to look good.
CHEAP: dict[str, dict[str, object]] = {
    "mask-generation": {"points_per_crop": 6},
    "text-to-image": {"num_inference_steps": 2, "width": 64, "height": 64},
}
# Parameters whose result is the same each time; where text is generated, top_k means sampling.
REPEATABLE = frozenset({"top_k", "truncate", "normalize", "multi_label", "function_to_apply"})
REPEATABLE_TEXT = REPEATABLE - {"top_k"}

# One of each kind of adapter that takes several inputs at a time.
SHARES = (
    "text-classification", "feature-extraction", "fill-mask", "token-classification",
    "zero-shot-classification", "question-answering", "text-ranking", "text-generation",
    "summarization", "image-classification", "object-detection", "audio-classification",
    "automatic-speech-recognition", "image-to-text",
)  # fmt: skip

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
every_reader = pytest.mark.parametrize(
    "task", [task for task in TASKS.values() if task.carries == "json"], ids=lambda task: task.name
)


@pytest.fixture(scope="module")
def post(urls: dict[str, str]) -> Any:
    """Posts a body to the server of a task, on a connection that stays open."""
    with httpx.Client(timeout=60) as client:

        def send(task: Task, body: object) -> httpx.Response:
            return client.post(urls[task.name] + "/predict", json=body)

        yield send


def of_one(task: Task, response: httpx.Response) -> Any:
    """The response for one input, in the form that it has in a list of responses."""
    assert response.status_code == 200, response.text
    if task.output != "json":
        packed = base64.b64encode(response.content).decode()
        return {"blob": packed, "content-type": response.headers["content-type"]}
    return response.json()[0] if task.always_listed else response.json()


def refusal(response: httpx.Response, case: object) -> dict[str, Any]:
    """The problem of a request that is wrong by itself, not by what the model made of it."""
    assert response.status_code in {400, 413, 415, 422}, f"{case}: {response.text[:500]}"
    problem = response.json()
    assert ERRORS[problem["code"]].status == response.status_code, case
    assert problem["detail"], case
    return problem


@every_task
def test_samples_return_200_and_outputs_differ(task: Task, urls: dict[str, str]) -> None:
    contents: list[bytes] = []
    for seed in (1, 2):
        sample = task.sample(seed)
        response = httpx.post(
            urls[task.name] + "/predict", content=sample.body,
            headers={"content-type": sample.content_type}, timeout=30,
        )  # fmt: skip
        assert response.status_code == 200, response.text
        contents.append(response.content)
    assert contents[0] != contents[1]


@every_task
def test_response_matches_schema_exactly(task: Task, post: Post) -> None:
    response = post(task, matrix.body_of(task, 1))
    if task.output != "json":
        assert response.headers["content-type"].startswith(f"{task.output}/")
        return
    schema = TypeAdapter[Any](task.response)
    found = schema.validate_json(response.content)
    shown = schema.dump_python(found, mode="json", exclude_unset=True)
    assert matrix.differences(response.json(), shown, near=0) == []


@every_task
def test_batch_returns_one_result_per_item_in_order(task: Task, post: Post) -> None:
    same = REPEATS.get(task.name, {})
    bodies = [matrix.body_of(task, seed, **same) for seed in (1, 2)]
    singles = [of_one(task, post(task, body)) for body in bodies]
    both = post(task, bodies[0] | {"inputs": [body["inputs"] for body in bodies]})
    assert both.status_code == 200, both.text
    assert matrix.differences(both.json(), singles) == []


@every_task
def test_requests_at_the_same_time_return_what_each_returns_alone(task: Task, post: Post) -> None:
    """They share groups: different lengths, different parameters, and one input that is wrong."""
    same = REPEATS.get(task.name, {}) | CHEAP.get(task.name, {})
    bodies = [matrix.body_of(task, seed, **same) for seed in range(8)]
    if task.carries == "json":
        bodies += [one | {"inputs": matrix.longer(one["inputs"], 3)} for one in bodies[:4]]
    generates = "max_new_tokens" in task.parameters.model_fields
    repeatable = REPEATABLE_TEXT if generates else REPEATABLE
    settings = [case for case in matrix.allowed_settings(task) if case.name in repeatable]
    bodies += [matrix.body_of(task, 1, **same | {case.name: case.value}) for case in settings[:6]]
    alone = [post(task, body) for body in bodies]
    wrong = matrix.body_of(task, 1, 7)
    with ThreadPoolExecutor(len(bodies) + 1) as threads:
        refused = threads.submit(post, task, wrong)
        together = list(threads.map(lambda body: post(task, body), bodies))
    refusal(refused.result(), wrong)
    for body, one, other in zip(bodies, alone, together, strict=True):
        assert other.status_code == one.status_code, f"{body}: {other.text}"
        if one.status_code == 200:
            assert matrix.differences(of_one(task, other), of_one(task, one)) == [], body


@pytest.mark.parametrize("name", SHARES)
def test_inputs_of_one_length_share_a_pass(name: str, post: Post, urls: dict[str, str]) -> None:
    task = TASKS[name]
    body = matrix.body_of(task, 1)

    def counted() -> tuple[float, float]:
        """Rows of all passes, and their number; a step of a running batch is a pass."""
        text = httpx.get(urls[name] + "/metrics").text
        found = (
            re.findall(rf"slipway_batch_size_{kind}\{{[^}}]*\}} (\S+)", text)[0]
            for kind in ("sum", "count")
        )
        rows, passes = map(float, found)
        return rows, passes

    rows, passes = counted()
    response = post(task, body | {"inputs": [body["inputs"]] * 6})
    assert response.status_code == 200, response.text
    more_rows, more_passes = counted()
    assert more_rows - rows > more_passes - passes
    assert matrix.differences(response.json()[0], response.json()[-1]) == []


@every_task
def test_bad_inputs_return_catalogue_errors(task: Task, post: Post) -> None:
    for inputs in matrix.BAD_INPUTS:
        refusal(post(task, matrix.body_of(task, 1, inputs)), inputs)
    for body in ({}, [], None, "text", {"inputs": "a", "parameters": []}, {"parameters": {}}):
        refusal(post(task, body), body)


@every_task
def test_bad_item_is_reported_with_its_index(task: Task, post: Post) -> None:
    good = matrix.body_of(task, 1)["inputs"]
    problem = refusal(post(task, matrix.body_of(task, 1, [good, 7, good])), "[good, 7, good]")
    assert problem["detail"].startswith("inputs[1]: ")
    assert problem["errors"][0]["pointer"] == "#/inputs/1"


@every_task
def test_unknown_and_out_of_range_parameters_are_reported_by_name(task: Task, post: Post) -> None:
    cases = [matrix.Setting("nobody_knows", 1), *matrix.refused_settings(task)]
    for case in cases:
        problem = refusal(post(task, matrix.body_of(task, 1, **{case.name: case.value})), case)
        assert case.name in problem["detail"], case
        assert problem["errors"][0]["pointer"].startswith("#/"), case


@every_task
def test_every_parameter_accepts_each_allowed_value(task: Task, post: Post) -> None:
    # Few tokens are enough, except for what is about their number.
    has_tokens = "max_new_tokens" in task.parameters.model_fields and task.modality != "audio"
    for case in matrix.allowed_settings(task):
        is_short = has_tokens and not case.name.startswith(("max_", "min_", "num_"))
        few = {"max_new_tokens": 4} if is_short else CHEAP.get(task.name, {})
        response = post(task, matrix.body_of(task, 1, **few | {case.name: case.value}))
        if response.status_code != 200:
            refusal(response, case)
        default = task.parameters.model_fields[case.name].default
        assert response.status_code == 200 or case.value != default, f"{case}: {response.text}"


@every_reader
def test_long_text_is_rejected_with_length_and_limit_or_truncated(task: Task, post: Post) -> None:
    body = matrix.body_of(task, 1)
    long = matrix.longer(body["inputs"])
    response = post(task, matrix.body_of(task, 1, long))
    if task.name in READS_ALL:
        assert response.status_code in {200, 422}
        return
    problem = refusal(response, "a long text")
    assert problem["code"] in {"input-too-long", "invalid-input"}
    assert len(re.findall(r"\d[\d,]*", problem["detail"])) == 2
    properties = task.parameters.model_json_schema()["properties"]
    flags = {n: True for n in ("truncation", "truncate") if n in properties}
    cut = CUTS.get(task.name, flags)
    if cut:
        assert post(task, matrix.body_of(task, 1, long, **cut)).status_code == 200
