"""Routes whose format has one embedding for each text."""

from collections.abc import Callable

from backend.errors.inference import InvalidInput
from backend.inference.protocols.base import Served


def one_embedding_check(served: Served) -> Callable[[], None]:
    """Raises InvalidInput for a model that has an embedding for each token of a text."""
    has_many = "vectors_per_text" in served.engine.adapter.facts()

    def check() -> None:
        if has_many:
            raise InvalidInput(
                "This model has an embedding for each token of a text; use /predict or /embed_all."
            )

    return check
