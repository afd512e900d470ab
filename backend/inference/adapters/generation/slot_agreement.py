"""Whether a model computes the same in a running batch as alone; asked once, when it is loaded."""

from itertools import pairwise
from typing import Any

import torch

from backend.errors.inference import GenerationFailed
from backend.inference.adapters.generation.sampling import Sampling
from backend.inference.adapters.generation.sequences import SequenceModel
from backend.inference.adapters.generation.step_settings import stepwise_config
from backend.inference.adapters.generation.token_ids import vocabulary_size
from backend.inference.adapters.generation.token_selection import TokenSelection
from backend.inference.scheduling.agreement import differs
from backend.inference.scheduling.calibration import EXACT

# Tokens of the prompts. The last one joins when the first has left, and is longer than the other.
_SHORT, _MIDDLE, _LONG = 2, 4, 7
_ROOM = 16
# Of the largest logit. Sums of half precision in another order differ by 0.02 after a few layers
# (measured), and results that a batch changes by much more.
_HALF_PRECISION = 0.05
# A prime, so that the tokens come from the whole vocabulary.
_STRIDE = 7919


class _Text:
    """One sequence of the test: its tokens, and the logits after each from the prompt's end."""

    def __init__(self, tokens: list[int]) -> None:
        self.tokens = tokens
        self.begins = len(tokens) - 1
        self.logits: list[torch.Tensor] = []

    def add(self, row: torch.Tensor) -> None:
        self.logits.append(row)
        self.tokens.append(int(row.argmax()))


def check_agreement(model: Any, slots: SequenceModel) -> None:
    """Raise GenerationFailed if the logits of rows that join and leave are not those alone.

    Alone means as `generate` calls the model: the whole prompt, then token by token. One call for
    the whole text would differ in the half precisions, by rounding.
    """
    exact = next(model.parameters()).dtype == torch.float32
    tolerance = EXACT if exact else _HALF_PRECISION
    with torch.inference_mode():
        texts = _run(slots, vocabulary_size(model))
        _select(model, texts[0])
        if any(_differ(slots, text, tolerance) for text in texts):
            raise GenerationFailed("The results in a batch differ from those alone.")


def _run(slots: SequenceModel, vocabulary: int) -> list[_Text]:
    """Three sequences: two start, one leaves, a longer one joins, which is read in two parts."""
    cache = slots.slots(rows=4, budget=4 * _ROOM)
    short, middle, long = (
        _Text([_STRIDE * (place + count) % vocabulary for place in range(count)])
        for count in (_SHORT, _MIDDLE, _LONG)
    )
    running: list[_Text] = []

    def join(text: _Text, middle: int = 0) -> None:
        own, count = slots.new_cache(), len(text.tokens)
        if middle:
            slots.read(text.tokens[:middle], 0, own)
        text.add(slots.read(text.tokens[middle:], middle, own)[0])
        cache.join(own, count, _ROOM)
        running.append(text)

    def step() -> None:
        cache.make_column(_ROOM)
        rows = slots.step([text.tokens[-1] for text in running], 0, cache)
        cache.advance()
        for text, row in zip(running, rows, strict=True):
            text.add(row)

    join(short)
    join(middle)
    step()
    cache.leave(0)
    running[0] = running.pop()
    join(long, _LONG - 2)
    step()
    return [short, middle, long]


def _select(model: Any, text: _Text) -> None:
    """Select a token as a request does that uses a processor and samples."""
    sampling = Sampling(seed=0, max_new_tokens=1, others='{"repetition_penalty": 1.5}')
    config = stepwise_config(model, sampling.settings())
    if config is None:
        raise GenerationFailed("Generation of this model has settings of its own.")
    prompt = text.tokens[: text.begins + 1]
    TokenSelection(model, sampling, config, prompt).select(text.logits[0][None].clone())


def _differ(slots: SequenceModel, text: _Text, tolerance: float) -> bool:
    cache, tokens = slots.new_cache(), text.tokens
    parts = [0, *range(text.begins + 1, len(tokens))]
    alone = [slots.read(tokens[start:end], start, cache) for start, end in pairwise(parts)]
    made = torch.stack(text.logits)
    return differs(torch.cat(alone).cpu().numpy(), made.cpu().numpy(), tolerance)
