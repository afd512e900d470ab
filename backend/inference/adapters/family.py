"""A model family: how to load and run the models of a task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from backend.inference.adapters.base import Adapter, LoadedModel


class Loader(Protocol):
    """Loads a model or a processor, with the interface of auto classes."""

    @staticmethod
    def from_pretrained(folder: Path, **options: Any) -> Any:
        """Load from `folder`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Family:
    """Classes that load a model and its processors, and the adapter for it.

    `model` is the auto class that loads it, and thereby the kind of architecture (see
    backend/tasks/architectures.py); if the auto class is `AutoModel`, `kind` states it. `loader`
    replaces `model` with a custom class. `processors` are auto classes or custom ones; if there
    is one, `LoadedModel.processor` is its instance, else a tuple in this order. `optional` are
    parts of the model whose weights may be missing in the files. `vocoder` is the class of a second
    model in a folder of its own, `LoadedModel.vocoder`.
    """

    model: str
    processors: tuple[str | type[Loader], ...]
    adapter: Callable[[LoadedModel], Adapter]
    kind: str | None = None
    loader: type[Loader] | None = None
    optional: tuple[str, ...] = ()
    vocoder: str | None = None
