"""text-classification: one forward pass with one row of logits per text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import text_item
from backend.inference.adapters.scores import best_labels, labels_of, to_numpy
from backend.inference.adapters.tokenization import TextTokenizer, Truncation, no_prompt, tokens_of
from backend.inference.config import MAX_CHARACTERS


class TextClassification:
    """Texts or text pairs to labels."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._texts = TextTokenizer(loaded)
        self.max_group = self._texts.max_group

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, or `{"text": …, "text_pair": …}`. Raises InvalidInput, InputTooLong."""
        first, second = _pair(item)
        cut = Truncation(allowed=parameters.truncation, most=parameters.max_length)
        rows = self._texts.encode(first, second, cut)
        return Prepared(size=tokens_of(rows), rows=rows)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Logits of each text, float32 `[labels]`; one pass over `[batch, sequence]`."""
        batch = self._texts.collate([prepared.rows[0] for prepared in group])
        with torch.inference_mode():
            logits = self._model(**batch).logits
        return list(to_numpy(logits))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Labels with scores, best first."""
        del prepared
        if parameters.top_k is None and parameters.return_all_scores is False:
            parameters = parameters.model_copy(update={"top_k": 1})
        return best_labels(raw, parameters, self._model.config)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit, "labels": labels_of(self._model.config)}

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._texts.tokenizer

    def prompt(self, name: str | None) -> str:
        """The model has no prompts. Raises InvalidInput if one is requested."""
        return no_prompt(name)


def _pair(item: object) -> tuple[str, str | None]:
    if not isinstance(item, dict):
        return text_item(item, MAX_CHARACTERS), None
    if set(item) != {"text", "text_pair"}:
        raise InvalidInput("A pair of texts is {text, text_pair}.")
    return text_item(item["text"], MAX_CHARACTERS), text_item(item["text_pair"], MAX_CHARACTERS)
