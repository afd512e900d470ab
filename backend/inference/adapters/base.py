"""The adapter interface: encode an input, run the model on a batch, decode a result."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.inference import ClientGone


def _never() -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One encoded input.

    `size` is its cost (padded tokens, pixels or samples); only inputs with equal `key` share a
    batch. `rows` are the model's inputs, mostly one; `keep` is data for decode. `stop()` returns
    true when the client is gone; `on_piece` is called with each token of a streamed result.
    `can_join`: it may join a RunningBatch, if the adapter has one.
    """

    size: int
    rows: tuple[Any, ...]
    key: Hashable = ()
    keep: Any = None
    stop: Callable[[], bool] = field(default=_never)
    on_piece: Callable[[Any], None] | None = None
    can_join: bool = False


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A loaded model with its processors, and its vocoder if it has one."""

    spec: ServerSpec
    model: Any
    processor: Any
    vocoder: Any = None

    @property
    def directory(self) -> Path:
        """The local snapshot."""
        return Path(self.spec.model_dir)

    @property
    def device(self) -> Any:
        """Device of the tensors."""
        return self.model.device

    @property
    def dtype(self) -> Any:
        """Data type of the weights, also used for the tensors of media."""
        return self.model.dtype


def check_client_waiting(group: Sequence[Prepared]) -> None:
    """Record progress of the model; raise ClientGone if all clients of the batch are gone."""
    gone = [prepared.stop() for prepared in group]
    if all(gone):
        raise ClientGone("The request was cancelled.")


@runtime_checkable
class Scoring(Protocol):
    """What adapters have beside `Adapter` whose results have no measure: generated texts differ
    altogether after one token that was a near tie."""

    def score(self, prepared: Prepared) -> Any:
        """What the model computes for this input, to compare two ways of running it: for a prompt
        the logits of its last tokens, float32 `[tokens, vocabulary]`."""
        ...


class Tokenizing(Protocol):
    """What adapters of text tasks have beside `Adapter`, for routes that only tokenize."""

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of transformers; used in the thread of `encode` only."""
        ...

    def prompt(self, name: str | None) -> str:
        """Text before each input: the prompt of this name, or the default one.

        Raises InvalidInput for a name that the model does not have.
        """
        ...


class Adapter(Protocol):
    """Runs one task with one model. encode and decode run beside the model thread, forward in it.

    All three may raise catalogue errors about the input; any other exception becomes
    GenerationFailed. None of them is called on the event loop. encode and decode of text tasks
    run in a single thread, since tokenizers keep settings between calls.
    """

    encode_threads: int
    max_group: int

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Validate and encode one input. Raises InvalidInput, InputTooLong, PayloadTooLarge."""
        ...

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """Run the model once on a padded batch; return one raw result per member, in order."""
        ...

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> Any:
        """Convert one raw result to plain values and numpy arrays. Raises GenerationFailed."""
        ...

    def facts(self) -> dict[str, object]:
        """Limits and labels, for `/info`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Left:
    """An input that left a RunningBatch: its raw result, as of `forward`, or its error."""

    number: int
    raw: Any = None
    error: PlatformError | None = None


class RunningBatch(Protocol):
    """Inputs that share forward passes, each for as long as it needs; used in the model thread."""

    @property
    def rows(self) -> int:
        """Number of inputs in the last step."""
        ...

    def has_room(self, prepared: Prepared) -> bool:
        """Whether this input may join now; always true for an empty batch."""
        ...

    def join(self, number: int, prepared: Prepared) -> None:
        """Add an input, whose work begins with the next step. May raise catalogue errors.

        No other input in the batch has this `number`.
        """
        ...

    def step(self) -> list[Left]:
        """Work a bounded time on all inputs; return those that left, after a result or an error.

        After an exception that concerns all of them, the batch is cleared.
        """
        ...

    def clear(self) -> None:
        """Remove all inputs."""
        ...


@runtime_checkable
class Continuous(Protocol):
    """What adapters have beside `Adapter` if inputs can join and leave while others run."""

    def running_batch(self, rows: int, between: Callable[[], None]) -> RunningBatch | None:
        """An empty batch for this number of inputs; None if the model fails the self-test.

        `forward` calls `between` again and again while it runs, so that the batch goes on. Called
        once, in the model thread, before all other work.
        """
        ...
