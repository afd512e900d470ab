"""token-classification: label probabilities of each token, aggregated to entities."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import torch

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import text_item
from backend.inference.adapters.scores import check_finite, labels_of, softmax, to_numpy
from backend.inference.adapters.text import entities
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, Truncation, tokens_of
from backend.inference.config import MAX_CHARACTERS


class TokenClassification:
    """Texts to entities; with `stride` a long text is split into overlapping windows."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._texts = TextTokenizer(loaded)
        self.max_group = self._texts.max_group
        tokenizer = self._texts.tokenizer
        self._unknown: str | None = tokenizer.unk_token
        self._names = entities.LabelVocabulary(
            labels=self._model.config.id2label,
            tokens=tokenizer.convert_ids_to_tokens,
            text=tokenizer.convert_tokens_to_string,
        )

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text."""
        cut = Truncation(allowed=parameters.truncation, stride=parameters.stride)
        text = text_item(item, MAX_CHARACTERS)
        rows = self._texts.encode(text, cut=cut)
        return Prepared(size=tokens_of(rows), rows=rows, keep=text)

    def forward(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """For each text, for each of its windows: probabilities, float32 `[sequence, labels]`."""
        rows: list[Encoded] = [row for prepared in group for row in prepared.rows]
        with torch.inference_mode():
            logits = to_numpy(self._model(**self._texts.collate(rows)).logits)
        scores = [softmax(logits[i, : len(row.ids)]) for i, row in enumerate(rows)]
        ends = list(accumulate(len(prepared.rows) for prepared in group))
        return [
            scores[end - len(prepared.rows) : end]
            for prepared, end in zip(group, ends, strict=True)
        ]

    def decode(self, raw: list[np.ndarray], prepared: Prepared, parameters: Any) -> object:
        """Entities in the order of the text. Raises GenerationFailed for NaN."""
        found = [
            entities.in_words_of(prepared.keep, entity, self._unknown)
            for row, scores in zip(prepared.rows, raw, strict=True)
            for entity in self._entities(row, check_finite(scores), parameters.aggregation_strategy)
        ]
        ignored = set(parameters.ignore_labels)
        kept = [e for e in found if e.get("entity", e.get("entity_group")) not in ignored]
        return entities.without_overlap(kept) if len(raw) > 1 else kept

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit, "labels": labels_of(self._model.config)}

    def _entities(self, row: Encoded, scores: np.ndarray, strategy: str) -> list[entities.Entity]:
        found = entities.predictions(row, scores, self._names)
        if strategy == "none":
            return entities.single(found, self._names)
        if strategy != "simple":
            found = entities.words(found, strategy, self._names)
        return entities.joined(found, self._names)
