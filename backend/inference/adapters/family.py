"""One way to load and drive models of a task."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.inference.adapters.base import Adapter, Loaded


@dataclass(frozen=True, kw_only=True)
class Family:
    """What loads a model, what prepares its input, and the adapter that drives it.

    `model` is the auto class of transformers that loads it, and so the kind of architecture that it
    is for (see backend/tasks/architectures.py); `kind` says it where the auto class is `AutoModel`.
    `processors` are auto classes too; where there is one, `Loaded.processor` is that, else a tuple
    in this order. `optional` are parts of the model whose weights may be missing in the files.
    """

    model: str
    processors: tuple[str, ...]
    adapter: Callable[[Loaded], Adapter]
    kind: str | None = None
    optional: tuple[str, ...] = ()
