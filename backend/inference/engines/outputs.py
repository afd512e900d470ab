"""Outputs of a graph, with the interface of those of transformers."""

from torch import Tensor


class Outputs(dict[str, Tensor]):
    """Outputs by name, as items and as attributes."""

    def __getattr__(self, name: str) -> Tensor:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None
