"""The requests of a load test: samples of the task, or what the user gave."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from backend.domain.load_test import LoadTestJob
from backend.tasks import TASKS, Task
from backend.tasks.base import Json
from backend.tasks.varied import LENGTHS, inputs_for

SAMPLES = len(LENGTHS)
# Of the user's inputs, so many are tried before the measurement.
_TRIED = 16


@dataclass(frozen=True)
class Body:
    """The body of a request to /predict."""

    content: bytes
    content_type: str


def streams(job: LoadTestJob) -> bool:
    """Whether responses are streams of tokens."""
    task = TASKS[job.task]
    if not task.can_stream or task.output != "json" or job.is_handler or job.request.file:
        return False
    return any(_streamed(body)["stream"] is True for body in job.request.inputs or [{}])


def choices(job: LoadTestJob) -> Iterator[list[Body]]:
    """For each request that is tried before the measurement: bodies of which one must succeed."""
    request, task = job.request, TASKS[job.task]
    if request.file is not None:
        yield [Body(request.file.data, request.file.content_type)]
    elif request.inputs is not None:
        yield from ([body] for body in islice(_given(job), _TRIED))
    else:
        yield from (_samples(task, seed, job) for seed in range(SAMPLES))


def others(job: LoadTestJob) -> list[Body]:
    """Inputs of the user that are not tried before."""
    return list(islice(_given(job), _TRIED, None))


def _given(job: LoadTestJob) -> Iterator[Body]:
    can_stream = streams(job)
    for body in job.request.inputs or []:
        yield _json(_streamed(body) if can_stream else body)


def _samples(task: Task, seed: int, job: LoadTestJob) -> list[Body]:
    sample = task.sample(seed)
    if job.is_handler or task.input != "json":
        return [Body(sample.body, sample.content_type)]
    shown: Json = json.loads(sample.body)
    parameters = shown.get("parameters", {})
    found: dict[Body, None] = {}
    for inputs, limited in inputs_for(task, seed):
        body = {**shown, "inputs": inputs}
        if limited != parameters:
            body["parameters"] = limited
        found[_json(_streamed(body) if streams(job) else body)] = None
    return list(found)


def _streamed(body: Json) -> Json:
    return {"stream": True, **body}


def _json(body: Json) -> Body:
    return Body(json.dumps(body).encode(), "application/json")
