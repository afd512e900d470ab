"""sentence-similarity: cosine similarity of sentences to a source sentence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.embedder import Embedder, normalized
from backend.inference.adapters.items import object_item
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.tokenization import Truncation, tokens_of
from backend.tasks.sentence_similarity import Comparison


class SentenceSimilarity:
    """Computes the cosine similarity of sentence embeddings (Reimers and Gurevych 2019)."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._embeddings = Embedder(loaded)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize all sentences; one row each, the source first."""
        found = object_item(item, Comparison)
        cut = Truncation(allowed=parameters.truncation)
        texts = (found.source_sentence, *found.sentences)
        rows = tuple(self._embeddings.encode(text, cut) for text in texts)
        return Prepared(size=tokens_of(rows), rows=rows)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each item the embeddings of its sentences, float32 `[1 + sentences, dimensions]`."""
        return self._embeddings.forward(group)

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> list[float]:
        """Cosine similarity to the source, -1 to 1, in the order of the sentences."""
        del prepared, parameters
        source, *others = normalized(check_finite(raw[:, : self._embeddings.files.dimensions]))
        return [float(source @ other) for other in others]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return self._embeddings.facts()

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._embeddings.tokenizer

    def prompt(self, name: str | None) -> str:
        """The prompt of this name, or the default one. Raises InvalidInput."""
        return self._embeddings.prompt(name)
