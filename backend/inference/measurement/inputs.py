"""The inputs that candidates are measured with."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

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
        *texts, (given, body) = inputs_for(known, seed)
        parameters = known.parameters.model_validate(body)
        most = LENGTHS[seed % len(LENGTHS)]
        fitting = (text for text, _ in texts if _fits(size(text, parameters), most))
        yield next(fitting, given), parameters


def _fits(tokens: int | None, most: int) -> bool:
    return tokens is not None and tokens <= _TOKENS_OF_A_WORD * most + TOKENS
