"""The running batch of a language model: reads prompts in chunks, makes tokens in steps."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from backend.errors.base import PlatformError
from backend.errors.inference import ClientGone
from backend.inference.adapters.base import Left, Prepared
from backend.inference.adapters.generation.sequences import SequenceModel
from backend.inference.adapters.generation.token_selection import TokenSelection
from backend.inference.adapters.generation.token_streamer import (
    GeneratedSequence,
    StopConditions,
    add_token,
    check_best,
    logprob,
)
from backend.inference.guard import guarded

# While prompts are read, running sequences wait this many times as long as for a step. Less would
# make many steps with few rows, of which each costs almost as much as one with all.
_STEPS_PER_PART = 4
# As many tokens take hardly more time than one.
_LEAST_PART = 16


@dataclass(kw_only=True, eq=False)
class Member:
    """One sequence, with the number that it joined with.

    `read` counts the tokens whose keys and values are in `cache`, later in a row of the batch;
    `next` is the token that was generated last.
    """

    number: int
    sequence: GeneratedSequence
    ending: StopConditions
    selection: TokenSelection
    prompt: Sequence[int]
    cache: Any
    read: int = 0
    next: int = 0

    @property
    def prepared(self) -> Prepared:
        """The input."""
        return self.sequence.prepared


@dataclass(kw_only=True)
class Row:
    """Logits of one sequence, float32 `[1, vocabulary]`, with the largest one; or an error."""

    logits: torch.Tensor | None = None
    best: float = 0.0
    token: int = 0
    error: PlatformError | None = None


class SlotBatch:
    """A RunningBatch. `budget` limits its memory, in tokens, unless one input alone needs more; at
    most `chunk` tokens of prompts are read in a step, fewer if they take long."""

    def __init__(
        self,
        model: SequenceModel,
        member: Callable[[int, Prepared], Member],
        *,
        rows: int,
        budget: int,
        chunk: int,
    ) -> None:
        self._model = model
        self._member = member
        self._most_rows, self._chunk = rows, chunk
        self._cache = model.slots(rows, budget)
        self._reading: deque[Member] = deque()
        self._running: list[Member] = []
        self._left: list[Left] = []
        # Seconds for each token of the last part of a prompt, and those of the last step.
        self._pace = self._step_seconds = 0.0
        self.rows = 0

    def has_room(self, prepared: Prepared) -> bool:
        """Whether this input may join now."""
        sizes = self._sizes()
        is_full = len(sizes) >= self._most_rows
        return not sizes or (not is_full and self._cache.has_room([*sizes, prepared.size]))

    def join(self, number: int, prepared: Prepared) -> None:
        """Add an input; its prompt is read in the next steps."""
        self._reading.append(self._member(number, prepared))

    def step(self) -> list[Left]:
        """Read a part of the prompts, then make one token for each running sequence."""
        with torch.inference_mode():
            self._read()
            self.rows = len(self._running)
            if self._running:
                self._decode()
        left, self._left = self._left, []
        return left

    def clear(self) -> None:
        """Remove all inputs."""
        for member in self._reading:
            self._model.release(member.cache)
        self._reading.clear()
        self._running.clear()
        self._left.clear()
        self._cache.clear()

    def _sizes(self) -> list[int]:
        return [member.prepared.size for member in (*self._reading, *self._running)]

    def _longest(self) -> int:
        return max(self._sizes(), default=0)

    def _read(self) -> None:
        """Read prompts, the oldest first."""
        left = self._part_tokens()
        while self._reading and left > 0:
            member = self._reading[0]
            part = member.prompt[member.read : member.read + left]
            left -= len(part)
            try:
                with guarded("The model"):
                    self._read_part(member, part)
            except PlatformError as error:
                self._reading.popleft()
                self._model.release(member.cache)
                self._left.append(Left(number=member.number, error=error))
            else:
                self._start(member)

    def _part_tokens(self) -> int:
        """Number of tokens to read now: what running sequences can wait for."""
        if not self._running or not self._pace:
            return self._chunk
        tokens = int(_STEPS_PER_PART * self._step_seconds / self._pace)
        return min(self._chunk, max(_LEAST_PART, tokens))

    def _read_part(self, member: Member, part: Sequence[int]) -> None:
        """Read a part of a prompt; after its last one, select the first token."""
        if member.prepared.stop():
            raise ClientGone("The request was cancelled.")
        began = time.monotonic()
        logits = self._model.read(part, member.read, member.cache)
        self._pace = (time.monotonic() - began) / len(part)
        member.read += len(part)
        if member.read == len(member.prompt):
            self._add(member, *member.selection.select(logits))

    def _start(self, member: Member) -> None:
        """After the last part of a prompt: give the sequence a row, unless it has ended."""
        if member.read < len(member.prompt):
            return
        if member.sequence.finish_reason is None:
            self._cache.join(member.cache, member.read, self._longest())
            self._running.append(member)
        else:
            self._model.release(member.cache)
            self._left.append(Left(number=member.number, raw=[member.sequence]))
        self._reading.popleft()
        member.cache = self._model.new_cache()

    def _decode(self) -> None:
        """One token for each running sequence."""
        began = time.monotonic()
        self._cache.make_column(self._longest())
        rows = self._rows_of_logits()
        self._cache.advance()
        ended: list[int] = []
        for place, (member, row) in enumerate(zip(self._running, rows, strict=True)):
            left = self._select(member, row)
            if left is not None:
                self._left.append(left)
                ended.append(place)
        for place in reversed(ended):
            self._cache.leave(place)
            self._running[place] = self._running[-1]
            self._running.pop()
        self._step_seconds = time.monotonic() - began

    def _rows_of_logits(self) -> list[Row]:
        """Of each running sequence. If the step fails, each is tried alone, to find which fail."""
        tokens = [member.next for member in self._running]
        try:
            with guarded("The model"):
                return _rows(self._model.step(tokens, 0, self._cache))
        except PlatformError:
            return [self._alone(place, token) for place, token in enumerate(tokens)]

    def _alone(self, place: int, token: int) -> Row:
        try:
            with guarded("The model"):
                return _rows(self._model.step([token], place, self._cache))[0]
        except PlatformError as error:
            return Row(error=error)

    def _select(self, member: Member, row: Row) -> Left | None:
        """Add the next token; return the sequence if it has ended or failed."""
        try:
            with guarded("The model"):
                if row.error is not None:
                    raise row.error
                self._add(member, *_next(member.selection, row))
        except PlatformError as error:
            return Left(number=member.number, error=error)
        member.read += 1
        if member.sequence.finish_reason is None:
            return None
        return Left(number=member.number, raw=[member.sequence])

    def _add(self, member: Member, token: int, scores: torch.Tensor) -> None:
        member.next = token
        wanted = member.sequence.wants_logprobs
        add_token(member.sequence, token, logprob(scores, token) if wanted else None, member.ending)


def _rows(logits: torch.Tensor) -> list[Row]:
    best, tokens = logits.max(dim=-1)
    found = zip(logits.split(1), best.tolist(), tokens.tolist(), strict=True)
    return [Row(logits=row, best=value, token=token) for row, value, token in found]


def _next(selection: TokenSelection, row: Row) -> tuple[int, torch.Tensor]:
    """The next token, and the logits for its log probability, `[vocabulary]`."""
    assert row.logits is not None  # noqa: S101 - for the type checker
    if not selection.is_plain:
        return selection.select(row.logits)
    check_best(row.best)
    return row.token, row.logits[0]
