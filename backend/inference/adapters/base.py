"""What an adapter is: encode one input, forward a group, decode one answer."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from backend.domain.server import ServerSpec
from backend.errors.inference import ClientGone


def _never() -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One input, ready for the model.

    `size` is what it costs (padded tokens, pixels or samples); only equal `key`s share a group.
    `rows` go into the model, mostly one; `keep` is what decode needs again. `stop()` turns true
    when nobody waits for the answer any more; `tell` gets each piece of an answer made in pieces.
    """

    size: int
    rows: tuple[Any, ...]
    key: Hashable = ()
    keep: Any = None
    stop: Callable[[], bool] = field(default=_never)
    tell: Callable[[Any], None] | None = None


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model in memory with what prepares its input."""

    spec: ServerSpec
    model: Any
    processor: Any

    @property
    def directory(self) -> Path:
        """The local snapshot."""
        return Path(self.spec.model_dir)

    @property
    def device(self) -> Any:
        """Where the tensors go."""
        return self.model.device

    @property
    def dtype(self) -> Any:
        """Of the weights, and so of media tensors."""
        return self.model.dtype


def check_client_waiting(group: Sequence[Prepared]) -> None:
    """Also says that the model is not stuck. Raises ClientGone when nobody waits any more."""
    gone = [prepared.stop() for prepared in group]
    if all(gone):
        raise ClientGone("Nobody waits for the answer any more.")


class Adapter(Protocol):
    """How one task talks to one model. encode and decode run beside the model, forward inside.

    All three may raise catalogue errors about the input; whatever else they raise is the model's
    failure on this input. None of them is called on the event loop. encode and decode of text run
    in one thread, since tokenizers keep settings between calls.
    """

    encode_threads: int
    max_group: int

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Validate and prepare one input. Raises InvalidInput, InputTooLong, PayloadTooLarge."""
        ...

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """Run the model once on a padded batch; one raw result for each member, in order."""
        ...

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        """The response to one input: plain values and numpy arrays. Raises GenerationFailed."""
        ...

    def facts(self) -> dict[str, object]:
        """For /info: limits and labels."""
        ...
