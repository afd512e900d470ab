"""What the running batch needs of a language model: its calls, and keys and values by sequence."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch


class Rows(Protocol):
    """Keys and values of the sequences that make a token in each step, in order."""

    def has_room(self, sizes: Sequence[int]) -> bool:
        """Whether sequences of these lengths, with the tokens to come, fit at the same time."""
        ...

    def join(self, sequence: Any, length: int, longest: int, /) -> None:
        """Add a row with the `length` tokens of a sequence that was read.

        `longest` is the maximum length, with the tokens to come, of all rows and this one.
        """
        ...

    def make_column(self, longest: int) -> None:
        """Make room for the token of the next step."""
        ...

    def advance(self) -> None:
        """Count the token of a step."""
        ...

    def leave(self, place: int, /) -> None:
        """Remove a row; the last one takes its place."""
        ...

    def clear(self) -> None:
        """Remove all rows."""
        ...


class SequenceModel(Protocol):
    """A causal language model. Logits are float32 `[rows, vocabulary]`, and the caller's own."""

    def slots(self, rows: int, budget: int) -> Rows:
        """An empty batch of at most this number of rows, whose memory is `budget` tokens."""
        ...

    def new_cache(self) -> Any:
        """An empty sequence."""
        ...

    def release(self, sequence: Any) -> None:
        """Free a sequence that has not joined."""
        ...

    def bytes_per_token(self) -> int:
        """Size of the keys and values of one token in all layers."""
        ...

    def read(self, part: Sequence[int], start: int, cache: Any) -> torch.Tensor:
        """Read the tokens of a prompt from `start`; logits of the last one."""
        ...

    def step(self, tokens: Sequence[int], first: int, cache: Any) -> torch.Tensor:
        """Process the last token of the rows from `first`."""
        ...
