"""Processes each token during `generate`: text, log probability, end, and cancellation."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor, StoppingCriteria

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.generation.detokenize import Detokenizer
from backend.inference.adapters.generation.streamed_token import StreamedToken


@dataclass
class GeneratedSequence:
    """One sequence of a batch during generation; modified by the model thread only."""

    prepared: Prepared
    text: Detokenizer
    pieces: list[StreamedToken] = field(default_factory=list)
    finish_reason: str | None = None

    @property
    def wants_logprobs(self) -> bool:
        """Whether the response has log probabilities of its tokens."""
        return self.prepared.on_piece is not None or self.prepared.keep.details


class ScoresRecorder(LogitsProcessor):
    """Stores the logits of the current step, float `[batch, vocabulary]`, before sampling.

    `start` is the number of tokens before the generated ones, as `generate` counts them.
    """

    def __init__(self) -> None:
        self.scores: torch.Tensor | None = None
        self.start = 0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Called by `generate` before a token is selected.

        Raises GenerationFailed for NaN, and InvalidInput if no token is left to select.
        """
        if self.scores is None:
            self.start = input_ids.shape[1]
        for best in scores.amax(dim=-1).tolist():
            check_best(best)
        self.scores = scores
        return scores


def check_best(best: float) -> None:
    """Raise GenerationFailed if the best logit is NaN, InvalidInput if it is minus infinity."""
    if math.isnan(best):
        raise GenerationFailed("The model produced a number that is not finite.")
    if best == -math.inf:
        raise InvalidInput("The parameters of the request exclude every token.")


class FrequencyPenalty(LogitsProcessor):
    """Subtracts `penalty` from a token's logit for each time it was generated, as OpenAI does."""

    def __init__(self, penalty: float, prompt_length: int) -> None:
        self._penalty = penalty
        self._start = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return logits `[batch, vocabulary]` from input_ids `[batch, sequence]` and logits."""
        made = input_ids[:, self._start :]
        counts = torch.zeros_like(scores).scatter_add_(
            1, made, torch.ones_like(made, dtype=scores.dtype)
        )
        return scores - self._penalty * counts


@dataclass(frozen=True, kw_only=True)
class StopConditions:
    """EOS tokens, special tokens and maximum length: all end conditions except stop sequences.

    `deadline` is a time of `time.monotonic`.
    """

    eos: frozenset[int]
    special: frozenset[int]
    max_new_tokens: int
    deadline: float | None = None


class TokenStreamer(StoppingCriteria):
    """Stopping criterion that streams: `generate` calls it after each token of a batch.

    Adds the token to each unfinished sequence and passes it to `Prepared.on_piece`. A sequence ends
    with EOS, a stop sequence, its maximum length, or when its client is gone.
    """

    def __init__(
        self,
        sequences: Sequence[GeneratedSequence],
        recorder: ScoresRecorder,
        ending: StopConditions,
    ) -> None:
        self._tracks = sequences
        self._recorder = recorder
        self._ending = ending

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        """Process input_ids `[batch, sequence]`; return bool `[batch]`, true for finished rows."""
        del scores, kwargs
        tokens = input_ids[:, -1]
        recorded = self._recorder.scores
        for row, (sequence, token) in enumerate(zip(self._tracks, tokens.tolist(), strict=True)):
            if sequence.finish_reason is None:
                step = recorded[row] if recorded is not None else None
                self._push(sequence, token, step)
        done = [sequence.finish_reason is not None for sequence in self._tracks]
        return torch.tensor(done, device=input_ids.device)

    def replay(self, rows: Sequence[Sequence[int]]) -> None:
        """Process the generated tokens of finished sequences, which may be padded."""
        for sequence, tokens in zip(self._tracks, rows, strict=True):
            for token in tokens:
                if sequence.finish_reason is None:
                    self._push(sequence, token, None)
            if sequence.finish_reason is None:
                sequence.finish_reason = "length"
                sequence.text.finish()

    def _push(self, sequence: GeneratedSequence, token: int, scores: torch.Tensor | None) -> None:
        wanted = scores if sequence.wants_logprobs else None
        found = None if wanted is None else logprob(wanted, token)
        add_token(sequence, token, found, self._ending)


def add_token(
    sequence: GeneratedSequence, token: int, logprob: float | None, ending: StopConditions
) -> None:
    """Add a token, set `finish_reason` if it is the last, and pass it to `Prepared.on_piece`."""
    text = "" if token in ending.eos else sequence.text.push(token)
    sequence.finish_reason = _reason(sequence, token, ending)
    if sequence.finish_reason:
        text += sequence.text.finish()
    piece = StreamedToken(
        id=token, text=text, logprob=logprob, special=token in ending.special,
        is_last=sequence.finish_reason is not None, finish_reason=sequence.finish_reason,
    )  # fmt: skip
    sequence.pieces.append(piece)
    if sequence.prepared.on_piece:
        sequence.prepared.on_piece(piece)


def _reason(sequence: GeneratedSequence, token: int, ending: StopConditions) -> str | None:
    if token in ending.eos:
        return "eos_token"
    if sequence.text.is_stopped:
        return "stop_sequence"
    is_late = ending.deadline is not None and time.monotonic() >= ending.deadline
    if len(sequence.pieces) + 1 >= ending.max_new_tokens or is_late:
        return "length"
    return "cancelled" if sequence.prepared.stop() else None


def logprob(scores: torch.Tensor, token: int) -> float:
    """Log probability of a token from logits `[vocabulary]`."""
    return float(torch.log_softmax(scores.to(torch.float32), dim=-1)[token])
