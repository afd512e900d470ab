"""Ends sequences in `generate`: each at a stop sequence, all those of a client that is gone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import StoppingCriteria

from backend.inference.adapters.base import Prepared
from backend.inference.adapters.generation.token_streamer import ScoresRecorder

# A character has at most four tokens, of one byte each.
_TOKENS_PER_CHARACTER = 4


class RowStopping(StoppingCriteria):
    """Stopping criterion; the beams or sequences of one member of the group are adjacent rows.

    `stops` has for each member the texts that end a row that contains them.
    """

    def __init__(
        self,
        group: Sequence[Prepared],
        recorder: ScoresRecorder,
        decode: Callable[[list[int]], str],
        stops: Sequence[Sequence[str]],
    ) -> None:
        self._group = group
        self._recorder = recorder
        self._decode = decode
        self._stops = stops

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        """Return bool `[batch * sequences]`, true for finished rows. Called after each token."""
        del scores, kwargs
        count = len(input_ids) // len(self._group)
        gone = [prepared.stop() for prepared in self._group]
        made = input_ids[:, self._recorder.start :]
        done = [
            gone[row // count] or self._is_stopped(made[row], self._stops[row // count])
            for row in range(len(input_ids))
        ]
        return torch.tensor(done, device=input_ids.device)

    def _is_stopped(self, row: torch.Tensor, stops: Sequence[str]) -> bool:
        if not stops:
            return False
        most = _TOKENS_PER_CHARACTER * max(map(len, stops)) + 1
        text = self._decode(row[-most:].tolist())
        return any(stop in text for stop in stops)
