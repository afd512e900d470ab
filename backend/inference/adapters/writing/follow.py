"""Watches a generation token by token: text, probabilities, and whether somebody still waits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LogitsProcessor, StoppingCriteria

from backend.errors.inference import GenerationFailed
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.writing.detokenize import Detokenizer


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One token of an answer, and the text that became certain with it."""

    id: int
    text: str
    logprob: float | None
    special: bool
    is_last: bool = False
    finish_reason: str | None = None


@dataclass
class Track:
    """One answer of a group while it is made; changed by the model thread only."""

    prepared: Prepared
    text: Detokenizer
    pieces: list[Piece] = field(default_factory=list)
    finish_reason: str | None = None


class Recorder(LogitsProcessor):
    """Keeps the scores of the step, before they are changed for sampling."""

    def __init__(self) -> None:
        self.scores: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Called by generate before a token is chosen."""
        del input_ids
        if torch.isnan(scores).any():
            raise GenerationFailed("The model produced a number that is not finite.")
        self.scores = scores
        return scores


class Frequency(LogitsProcessor):
    """Lowers a token by `penalty` for each time it was generated."""

    def __init__(self, penalty: float, prompt_length: int) -> None:
        self._penalty = penalty
        self._start = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Called by generate before a token is chosen."""
        made = input_ids[:, self._start :]
        counts = torch.zeros_like(scores).scatter_add_(
            1, made, torch.ones_like(made, dtype=scores.dtype)
        )
        return scores - self._penalty * counts


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What ends an answer beside a stop text."""

    eos: frozenset[int]
    special: frozenset[int]
    max_new_tokens: int


class Follow(StoppingCriteria):
    """Called by generate after each token; says which answers of the group are done."""

    def __init__(self, tracks: Sequence[Track], recorder: Recorder, ending: Ending) -> None:
        self._tracks = tracks
        self._recorder = recorder
        self._ending = ending

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        """One step of the whole group."""
        del scores, kwargs
        tokens = input_ids[:, -1]
        recorded = self._recorder.scores
        for row, (track, token) in enumerate(zip(self._tracks, tokens.tolist(), strict=True)):
            if track.finish_reason is None:
                step = recorded[row] if recorded is not None else None
                self._push(track, token, step)
        done = [track.finish_reason is not None for track in self._tracks]
        return torch.tensor(done, device=input_ids.device)

    def _push(self, track: Track, token: int, scores: torch.Tensor | None) -> None:
        text = "" if token in self._ending.eos else track.text.push(token)
        track.finish_reason = self._reason(track, token)
        if track.finish_reason:
            text += track.text.finish()
        piece = Piece(
            id=token, text=text, logprob=_logprob(track, scores, token),
            special=token in self._ending.special, is_last=track.finish_reason is not None,
            finish_reason=track.finish_reason,
        )  # fmt: skip
        track.pieces.append(piece)
        if track.prepared.tell:
            track.prepared.tell(piece)

    def _reason(self, track: Track, token: int) -> str | None:
        if token in self._ending.eos:
            return "eos_token"
        if track.text.is_stopped:
            return "stop_sequence"
        if len(track.pieces) + 1 >= self._ending.max_new_tokens:
            return "length"
        return "cancelled" if track.prepared.stop() else None


def _logprob(track: Track, scores: torch.Tensor | None, token: int) -> float | None:
    wanted = track.prepared.tell is not None or track.prepared.keep.details
    if scores is None or not wanted:
        return None
    return float(torch.log_softmax(scores.to(torch.float32), dim=-1)[token])
