"""The inputs that candidates are measured with."""

from collections.abc import Callable, Iterator
from itertools import chain, count
from typing import Any

from backend.errors.base import PlatformError
from backend.inference.adapters.base import Adapter
from backend.tasks import TASKS
from backend.tasks.varied import LENGTHS, TOKENS, inputs_for

# Words of tokenizers that know the language have about so many tokens.
_TOKENS_OF_A_WORD = 1.5

# Number of tokens of an input, or None if the model rejects it.
Size = Callable[[object, Any], int | None]


def inputs_of(task: str, size: Size) -> Iterator[tuple[object, Any]]:
    """Endless inputs with their parameters, always the same ones for a model.

    A text that has too many tokens is halved until it has not.
    """
    known = TASKS[task]
    for seed in count():
        forms = [
            (given, known.parameters.model_validate(body))
            for given, body in inputs_for(known, seed)
        ]
        most = LENGTHS[seed % len(LENGTHS)]
        fitting = (one for one in forms if _fits(size(*one), most))
        accepted = (one for one in forms[-2:] if size(*one) is not None)
        yield next(chain(fitting, accepted), forms[-1])


def size_with(adapter: Adapter) -> Size:
    """Number of tokens of an input as this adapter encodes it."""

    def size(item: object, parameters: Any) -> int | None:
        try:
            return adapter.encode(item, parameters).size
        except PlatformError:
            return None

    return size


def _fits(tokens: int | None, most: int) -> bool:
    return tokens is not None and tokens <= _TOKENS_OF_A_WORD * most + TOKENS
