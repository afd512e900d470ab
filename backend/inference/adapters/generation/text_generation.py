"""text-generation: completes prompts and conversations, optionally as a stream of tokens."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared, RunningBatch
from backend.inference.adapters.generation.continuous import ContinuousBatching
from backend.inference.adapters.generation.conversation import render_template
from backend.inference.adapters.generation.generator import TextGenerator, generated
from backend.inference.adapters.generation.token_budget import new_tokens, token_budget
from backend.inference.adapters.generation.token_streamer import GeneratedSequence
from backend.inference.adapters.items import object_item, text_item
from backend.inference.adapters.tokenization import position_limit
from backend.inference.config import DEFAULT_CHAT_TOKENS, DEFAULT_NEW_TOKENS, MAX_CHARACTERS
from backend.tasks.text_generation import Message

# Tokens of a prompt whose logits are compared: those of a large vocabulary take a megabyte each.
_SCORED = 64


class TextGeneration:
    """Text generation with a causal language model."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model: Any = loaded.model
        self._device = loaded.device
        self._tokenizer = loaded.processor
        self._generator = TextGenerator(loaded.model, self._tokenizer)
        self._limit = position_limit(loaded.model, self._tokenizer)
        self._batching = ContinuousBatching(loaded, self._generator)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a prompt, or a conversation given as a list of messages."""
        prompt, ids = self._chat(item) if isinstance(item, list) else self._prompt(item)
        if not ids:
            raise InvalidInput("The prompt has no tokens.")
        if parameters.truncate:
            ids = ids[-parameters.truncate :]
        unset = DEFAULT_CHAT_TOKENS if isinstance(item, list) else DEFAULT_NEW_TOKENS
        most = token_budget(len(ids), new_tokens(parameters, len(ids)), unset, self._limit)
        request = self._generator.request(prompt, ids, parameters, most)
        size, key = len(ids) + most, request.sampling
        return self._batching.marked(Prepared(size=size, rows=(ids,), keep=request, key=key))

    def running_batch(self, rows: int, between: Callable[[], None]) -> RunningBatch | None:
        """An empty batch, after a self-test of the model."""
        return self._batching.start(rows, between)

    def forward(self, group: Sequence[Prepared]) -> list[list[GeneratedSequence]]:
        """Generate for the batch `[batch, sequence]`, padded on the left."""
        width = max(len(prepared.rows[0]) for prepared in group)
        gaps = [width - len(prepared.rows[0]) for prepared in group]
        rows = [[self._generator.pad] * gap + p.rows[0] for gap, p in zip(gaps, group, strict=True)]
        mask = [[0] * gap + [1] * (width - gap) for gap in gaps]
        inputs = {"input_ids": rows, "attention_mask": mask}
        tensors = {name: torch.tensor(rows, device=self._device) for name, rows in inputs.items()}
        return self._generator.write(group, tensors, width, self._batching.between)

    def score(self, prepared: Prepared) -> torch.Tensor:
        """See Scoring."""
        ids = torch.tensor([prepared.rows[0]], device=self._device)
        with torch.inference_mode():
            return self._model(input_ids=ids, use_cache=False).logits[0, -_SCORED:].float()

    def decode(
        self, raw: list[GeneratedSequence], prepared: Prepared, parameters: Any
    ) -> list[dict[str, object]]:
        """The result in the format of the Hub, with details if requested."""
        return generated(raw, prepared.keep, with_prompt=parameters.return_full_text)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_total_tokens": self._limit,
            "default_new_tokens": DEFAULT_NEW_TOKENS,
            "has_chat_template": bool(self._tokenizer.chat_template),
            "continuous_batching": self._batching.facts(),
        }

    def _prompt(self, item: object) -> tuple[str, list[int]]:
        text = text_item(item, MAX_CHARACTERS)
        return text, self._tokenizer(text, verbose=False, truncation=False)["input_ids"]

    def _chat(self, messages: list[object]) -> tuple[str, list[int]]:
        if not self._tokenizer.chat_template:
            raise InvalidInput("This model has no chat template; send a text instead of messages.")
        if not messages:
            raise InvalidInput("The conversation has no messages.")
            # Templates would silently render any other value with Python's str().
        turns = [object_item(message, Message).model_dump() for message in messages]
        text = render_template(self._tokenizer, turns)
        made = self._tokenizer(text, add_special_tokens=False, verbose=False, truncation=False)
        return text, made["input_ids"]
