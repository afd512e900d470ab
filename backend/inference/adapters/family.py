"""One way to load and drive models of a task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from backend.inference.adapters.base import Adapter, LoadedModel


class Loader(Protocol):
    """What loads a model or a processor as the auto classes of transformers do."""

    @staticmethod
    def from_pretrained(folder: Path, **options: Any) -> Any:
        """What `folder` has of it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Family:
    """What loads a model, what prepares its input, and the adapter that drives it.

    `model` is the auto class of transformers that loads it, and so the kind of architecture that it
    is for (see backend/tasks/architectures.py); `kind` says it where the auto class is `AutoModel`.
    `loader` is a class of ours that loads in the place of `model`.
    `processors` are auto classes too, or classes of ours that load as those do; where there is one,
    `LoadedModel.processor` is that, else a tuple in this order. `optional` are parts of the model
    whose weights may be missing in the files.
    """

    model: str
    processors: tuple[str | type[Loader], ...]
    adapter: Callable[[LoadedModel], Adapter]
    kind: str | None = None
    loader: type[Loader] | None = None
    optional: tuple[str, ...] = ()
