"""Selects the next token of one sequence, with the logits processors of transformers."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from transformers import LogitsProcessorList

from backend.inference.adapters.generation.sampling import Sampling
from backend.inference.adapters.generation.token_streamer import FrequencyPenalty, ScoresRecorder


class TokenSelection:
    """The processors, the random generator and the tokens of one sequence.

    They are what `generate` would use for this request alone, so that requests with different
    settings share steps, and a seed gives the tokens that it gives after `torch.manual_seed`.
    """

    def __init__(self, model: Any, sampling: Sampling, config: Any, prompt: Sequence[int]) -> None:
        """`config` is that of `stepwise_config`."""
        device, count = model.device, len(prompt)
        self._recorder = ScoresRecorder()
        self._count = count
        self._generator: torch.Generator | None = None
        if sampling.seed is not None:
            self._generator = torch.Generator(device).manual_seed(sampling.seed)
        penalties = [FrequencyPenalty(sampling.frequency, count)] if sampling.frequency else []
        self._processors: Any = _processors(model, config, prompt, [*penalties, self._recorder])
        # A greedy request without processors needs only the largest logit.
        self.is_plain = self._generator is None and len(self._processors) == 1
        most = 0 if self.is_plain else count + sampling.max_new_tokens
        self._tokens = torch.zeros((1, most), dtype=torch.long, device=device)
        if not self.is_plain:
            self._tokens[0, :count] = torch.tensor(list(prompt), device=device)

    def select(self, logits: torch.Tensor) -> tuple[int, torch.Tensor]:
        """The next token, and the logits before sampling for its log probability.

        `logits` are float32 `[1, vocabulary]`, and may be changed. Raises GenerationFailed for NaN,
        and InvalidInput if no token is left to select.
        """
        scores = self._processors(self._tokens[:, : self._count], logits)
        recorded = self._recorder.scores
        assert recorded is not None  # noqa: S101 - for the type checker
        if self._generator is None:
            token = scores.argmax(dim=-1)
        else:
            probabilities = torch.softmax(scores, dim=-1)
            token = torch.multinomial(probabilities, 1, generator=self._generator)[:, 0]
        if not self.is_plain:
            self._tokens[:, self._count] = token
            self._count += 1
        return int(token), recorded[0]


def _processors(
    model: Any, config: Any, prompt: Sequence[int], own: list[Any]
) -> LogitsProcessorList:
    """As `generate` builds them."""
    device, count = model.device, len(prompt)
    config = copy.copy(config)
    config.max_length = count + config.max_new_tokens
    if config.min_new_tokens is not None:
        config.min_length = count + config.min_new_tokens
    ids = torch.tensor([list(prompt)], device=device)
    model._prepare_special_tokens(config, True, device=device, batch_size=1)
    return model._get_logits_processor(
        generation_config=config,
        input_ids_seq_length=count,
        encoder_input_ids=ids,
        logits_processor=LogitsProcessorList(own),
        device=device,
        model_kwargs={"attention_mask": None},
    )
