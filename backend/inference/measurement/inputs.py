"""Generated inputs of a task; texts have lengths over the range that people send."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from backend.errors.base import PlatformError
from backend.inference.adapters.base import Adapter
from backend.tasks import TASKS, Task
from backend.tasks.samples import sentence

# Tokens of the texts, in an order in which the first few are a fair part of all of them.
_LENGTHS = (16, 48, 8, 128, 32, 192, 12, 80)
# Words of tokenizers that know the language have about so many tokens.
_TOKENS_OF_A_WORD = 1.5
_HALVES = 8
# Each has to generate some, and a long answer measures no more than a short one.
_TOKENS = 16

# Number of tokens of an input, or None if the model rejects it.
Size = Callable[[object, Any], int | None]


def inputs_of(task: str, size: Size) -> Iterator[tuple[object, Any]]:
    """Endless inputs with their parameters, always the same ones for a model.

    A text that has too many tokens is halved until it has not.
    """
    known = TASKS[task]
    for seed, most in enumerate(cycle(_LENGTHS)):
        sample = known.sample(seed)
        body: Any = sample.shown if known.input == "json" else {"inputs": sample.body}
        given: Any = body["inputs"]
        limited, usual = (
            known.parameters.model_validate(one)
            for one in (_limited(known, body), body.get("parameters", {}))
        )
        # Some models of a task that generates do not, and reject the limit.
        parameters = usual if size(given, limited) is None else limited
        if isinstance(given, str):
            texts = (_stretched(given, most >> halved, seed) for halved in range(_HALVES))
            fitting = (text for text in texts if _fits(size(text, parameters), most))
            given = next(fitting, given)
        yield given, parameters


def size_with(adapter: Adapter) -> Size:
    """Number of tokens of an input as this adapter encodes it."""

    def size(item: object, parameters: Any) -> int | None:
        try:
            return adapter.encode(item, parameters).size
        except PlatformError:
            return None

    return size


def _fits(tokens: int | None, most: int) -> bool:
    return tokens is not None and tokens <= _TOKENS_OF_A_WORD * most + _TOKENS


def _limited(task: Task, body: Any) -> dict[str, object]:
    """The parameters of the sample, with few tokens if the task generates."""
    parameters: dict[str, object] = body.get("parameters", {})
    generates = "max_new_tokens" in task.parameters.model_fields
    return {**parameters, "max_new_tokens": _TOKENS} if generates else parameters


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
