"""sentence-similarity: similarity of sentences to a source sentence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.embedder import Embedder, normalized
from backend.inference.adapters.embeddings.similarities import SIMILARITIES
from backend.inference.adapters.items import object_item
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.tokenization import Truncation, tokens_of
from backend.tasks.sentence_similarity import Comparison


class SentenceSimilarity:
    """Compares sentence embeddings with the similarity function of the model."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._embeddings = Embedder(loaded)
        model = self._embeddings.model
        default = "dot" if model.kind == "SparseEncoder" else "cosine"
        self._name = str(model.settings.get("similarity_fn_name") or default)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize all sentences; one row each, the source first."""
        found = object_item(item, Comparison)
        cut = Truncation(allowed=parameters.truncation)
        texts = (found.source_sentence, *found.sentences)
        encoded = [self._embeddings.encode(text, cut, None, None) for text in texts]
        rows = tuple(row for _, row in encoded)
        return Prepared(size=tokens_of(rows), rows=rows, key=encoded[0][0])

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each item the embeddings of its sentences, float32 `[1 + sentences, dimensions]`."""
        return self._embeddings.forward(group, str(group[0].key))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> list[float]:
        """Similarity to the source, in the order of the sentences; cosine: -1 to 1."""
        del parameters
        found = check_finite(raw)
        if self._embeddings.is_normalized(str(prepared.key)):
            found = normalized(found)
        found = found[:, : self._embeddings.dimensions]
        return [float(one) for one in SIMILARITIES[self._name](found[0], found[1:])]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return self._embeddings.facts() | {"similarity": self._name}

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._embeddings.tokenizer

    def prompt(self, name: str | None) -> str:
        """The prompt of this name, or the default one. Raises InvalidInput."""
        return self._embeddings.prompt(name)
