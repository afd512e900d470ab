"""Processes each token during `generate`: text, log probability, end, and cancellation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor, StoppingCriteria

from backend.errors.inference import GenerationFailed
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.generation.detokenize import Detokenizer


@dataclass(frozen=True, kw_only=True)
class StreamedToken:
    """One generated token, with the text that became final with it.

    `logprob` is the natural logarithm of its probability, before temperature, top_k and top_p;
    None if not requested.
    """

    id: int
    text: str
    logprob: float | None
    special: bool
    is_last: bool = False
    finish_reason: str | None = None


@dataclass
class GeneratedSequence:
    """One sequence of a batch during generation; modified by the model thread only."""

    prepared: Prepared
    text: Detokenizer
    pieces: list[StreamedToken] = field(default_factory=list)
    finish_reason: str | None = None


class ScoresRecorder(LogitsProcessor):
    """Stores the logits of the current step, float `[batch, vocabulary]`, before sampling."""

    def __init__(self) -> None:
        self.scores: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Called by `generate` before a token is selected. Raises GenerationFailed for NaN."""
        del input_ids
        if torch.isnan(scores).any():
            raise GenerationFailed("The model produced a number that is not finite.")
        self.scores = scores
        return scores


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
    """EOS tokens, special tokens and maximum length: all end conditions except stop sequences."""

    eos: frozenset[int]
    special: frozenset[int]
    max_new_tokens: int


class TokenStreamer(StoppingCriteria):
    """Stopping criterion that streams: `generate` calls it after each token of a batch.

    Adds the token to each unfinished sequence and passes it to `Prepared.tell`. A sequence ends
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

    def _push(self, sequence: GeneratedSequence, token: int, scores: torch.Tensor | None) -> None:
        text = "" if token in self._ending.eos else sequence.text.push(token)
        sequence.finish_reason = self._reason(sequence, token)
        if sequence.finish_reason:
            text += sequence.text.finish()
        piece = StreamedToken(
            id=token, text=text, logprob=_logprob(sequence, scores, token),
            special=token in self._ending.special, is_last=sequence.finish_reason is not None,
            finish_reason=sequence.finish_reason,
        )  # fmt: skip
        sequence.pieces.append(piece)
        if sequence.prepared.on_piece:
            sequence.prepared.on_piece(piece)

    def _reason(self, sequence: GeneratedSequence, token: int) -> str | None:
        if token in self._ending.eos:
            return "eos_token"
        if sequence.text.is_stopped:
            return "stop_sequence"
        if len(sequence.pieces) + 1 >= self._ending.max_new_tokens:
            return "length"
        return "cancelled" if sequence.prepared.stop() else None


def _logprob(sequence: GeneratedSequence, scores: torch.Tensor | None, token: int) -> float | None:
    wanted = sequence.prepared.on_piece is not None or sequence.prepared.keep.details
    if scores is None or not wanted:
        return None
    return float(torch.log_softmax(scores.to(torch.float32), dim=-1)[token])
