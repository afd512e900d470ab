"""Rows of `GET /tasks`: all tasks, with the schemas from which the playground builds its forms."""

from functools import cache
from typing import Any

from pydantic import Field, TypeAdapter

from backend.domain.base import Value
from backend.domain.model import Modality
from backend.tasks.base import InputKind, OutputKind, Task
from backend.tasks.registry import NOT_SERVED, TASKS


class TaskRow(Value):
    """One task. An unsupported task has a reason and no schemas."""

    name: str
    title: str
    summary: str | None = None
    modality: Modality | None = None
    input: InputKind | None = Field(default=None, description="Kind of the request body.")
    output: OutputKind | None = Field(default=None, description="Kind of the output for one input.")
    aliases: list[str] = Field(default=[], description="Aliases.")
    request: dict[str, object] | None = Field(
        default=None, description="JSON Schema of the JSON body."
    )
    response: dict[str, object] | None = Field(
        default=None, description="JSON Schema of the response."
    )
    example: object = Field(default=None, description="Example request; media as a `data:` URL.")
    example_content_type: str | None = None
    can_stream: bool = False
    served: bool
    reason: str | None = Field(default=None, description="Reason why the task is not supported.")


@cache
def rows() -> tuple[TaskRow, ...]:
    """Supported tasks first, then the others sorted by name."""
    served = tuple(_served(task) for task in TASKS.values())
    others = tuple(
        TaskRow(name=name, title=name.replace("-", " ").capitalize(), served=False, reason=reason)
        for name, reason in sorted(NOT_SERVED.items())
    )
    return served + others


def _served(task: Task) -> TaskRow:
    example = task.sample(0)
    return TaskRow(
        name=task.name,
        title=task.title,
        summary=task.summary,
        modality=task.modality,
        input=task.input,
        output=task.output,
        aliases=list(task.aliases),
        request=task.request.model_json_schema(),
        response=TypeAdapter[Any](task.response).json_schema(),
        example=example.shown,
        example_content_type=example.content_type,
        can_stream=task.can_stream,
        served=True,
    )
