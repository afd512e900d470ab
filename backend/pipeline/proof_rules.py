"""Rules of the verify step: no empty response, unless the task may find nothing; finite numbers."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from backend.errors.server import VerifyFailed
from backend.tasks.base import Json, Sample, Task
from backend.tasks.generation import Generation

# Fields of responses that contain generated text.
TEXTS = frozenset(
    {"generated_text", "summary_text", "translation_text", "text", "answer", "sequence"}
)
NOTHING_FOUND = (
    "The model returned no results for the sample. Test it in the playground before you use it."
)
NO_TEXT = (
    "The model returned an empty text for the sample. Test it in the playground before you use it."
)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """The request of the verify step: a body, and for a file body parameters in the query."""

    body: bytes
    query: str
    shown: object


def as_it_is(sample: Sample) -> Demand:
    """The sample, for a custom handler, whose parameters are not known."""
    return Demand(body=sample.body, query="", shown=sample.shown)


def demanding(task: Task, sample: Sample) -> Demand:
    """The sample; a generative model, which could stop at once, must return at least one token."""
    is_generator = issubclass(task.parameters, Generation)
    usual = as_it_is(sample)
    whole = cast("Json | str", sample.shown)
    if isinstance(whole, str):
        return replace(usual, query="?min_new_tokens=1") if is_generator else usual
    shown = {**whole}
    given = cast("Json", shown.get("parameters", {}))
    if is_generator:
        shown["parameters"] = {**given, "min_new_tokens": 1}
    elif "generate_parameters" in task.parameters.model_fields:
        inner = cast("Json", given.get("generate_parameters", {}))
        shown["parameters"] = {**given, "generate_parameters": {**inner, "min_new_tokens": 1}}
    else:
        return usual
    return Demand(body=json.dumps(shown).encode(), query="", shown=shown)


def check(task: Task, output: object) -> str | None:
    """A warning if an accepted response is empty, else None.

    Raises VerifyFailed if there is no result or a number is not finite.
    """
    if not output and not (task.may_find_nothing and output == []):
        raise VerifyFailed("The endpoint returned an empty response.")
    if not all(math.isfinite(number) for number in _numbers(output)):
        raise VerifyFailed("The response contains a number that is not finite (NaN or infinity).")
    if output == []:
        return NOTHING_FOUND
    texts = list(_texts(output))
    return NO_TEXT if texts and not any(text.strip() for text in texts) else None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in cast("Json", value).items():
            if name in TEXTS and isinstance(item, str):
                yield item


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _numbers(item)
    elif isinstance(value, dict):
        for item in cast("Json", value).values():
            yield from _numbers(item)
