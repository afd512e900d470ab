"""Generated inputs of a task; texts have lengths over the range that people send."""

from collections.abc import Iterator
from typing import Any

from backend.tasks.base import Json, Task
from backend.tasks.samples import sentence

# Words of the texts, in an order in which the first few are a fair part of all of them.
LENGTHS = (16, 48, 8, 128, 32, 192, 12, 80)
# A model has to generate some, and a long answer measures no more than a short one.
TOKENS = 16
_HALVES = 8


def inputs_for(task: Task, seed: int) -> Iterator[tuple[object, Json]]:
    """Inputs with their parameters, from the longest to the shortest; the last is the sample.

    For models that reject long texts: the first that a model accepts is the one to use. All
    consist of the same text; an input that is no text has one form only. Those of tasks that
    generate have few tokens, but the last: some models of such a task reject a limit.
    """
    sample = task.sample(seed)
    body: Any = sample.shown if task.input == "json" else {"inputs": sample.body}
    given, parameters = body["inputs"], _limited(task, body)
    if isinstance(given, str):
        words = LENGTHS[seed % len(LENGTHS)]
        for halved in range(_HALVES):
            yield _stretched(given, words >> halved, seed), parameters
    yield given, parameters
    usual: Json = body.get("parameters", {})
    if usual != parameters:
        yield given, usual


def _limited(task: Task, body: Any) -> Json:
    """The parameters of the sample, with few tokens if the task generates."""
    parameters: Json = body.get("parameters", {})
    generates = "max_new_tokens" in task.parameters.model_fields
    return {**parameters, "max_new_tokens": TOKENS} if generates else parameters


def _stretched(text: str, words: int, seed: int) -> str:
    """The text, continued or cut to this number of words.

    What a task needs in its text, such as the mask of fill-mask, is among its first words.
    """
    parts = text.split()
    least = max((i + 1 for i, part in enumerate(parts) if "[" in part or "<" in part), default=1)
    while len(parts) < words:
        seed += 1000
        parts.extend(sentence(seed).split())
    return " ".join(parts[: max(words, least)])
