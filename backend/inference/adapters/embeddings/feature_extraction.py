"""feature-extraction: one embedding per text, with the pooling of the model's files."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.embedder import Embedder, normalized
from backend.inference.adapters.embeddings.quantization import quantized
from backend.inference.adapters.scores import check_finite
from backend.inference.adapters.tokenization import Truncation
from backend.tasks.feature_extraction import TokenParameters


class FeatureExtraction:
    """Texts to embeddings."""

    encode_threads = 1
    max_group = 1024

    def __init__(self, loaded: LoadedModel) -> None:
        self._embeddings = Embedder(loaded)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, with the requested prompt before it."""
        cut = Truncation(
            allowed=parameters.truncate,
            side=parameters.truncation_direction or "right",
            most=parameters.max_length if parameters.truncate else None,
        )
        if parameters.dimensions and self._embeddings.model.is_sparse:
            raise InvalidInput(
                "dimensions cannot be set for a sparse encoder: each of its dimensions is a token."
            )
        route, row = self._embeddings.encode(
            item, cut, parameters.prompt_name, parameters.input_type
        )
        key = (route, isinstance(parameters, TokenParameters))
        return Prepared(size=len(row.ids), rows=(row,), key=key)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """The embedding of each text, float32 `[dimensions]`, not normalized yet.

        For TokenParameters those of its tokens, `[tokens, hidden size]`.
        """
        route, reads_tokens = _key(group[0])
        if reads_tokens:
            return self._embeddings.token_states(group, route)
        return [features[0] for features in self._embeddings.forward(group, route)]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> np.ndarray:
        """The embedding `[dimensions]`, normalized if model or request require it.

        `dimensions` of the request truncates before normalization. The model's own number of
        dimensions truncates after its last layer, so that the length is below one.
        """
        route, reads_tokens = _key(prepared)
        if reads_tokens:
            return check_finite(raw)
        dimensions, wanted = parameters.dimensions, parameters.normalize
        if dimensions and dimensions > len(raw):
            raise InvalidInput(f"dimensions is {dimensions}; this model has {len(raw)} dimensions.")
        is_normalized = self._embeddings.is_normalized(route) if wanted is None else wanted
        embedding = check_finite(raw)
        if dimensions or wanted:
            embedding = embedding[: dimensions or self._embeddings.dimensions]
        if is_normalized:
            embedding = normalized(embedding)
        embedding = np.ascontiguousarray(embedding[: dimensions or self._embeddings.dimensions])
        kind, ranges = parameters.embedding_type, parameters.ranges
        if kind in {None, "float"}:
            return embedding
        return quantized(embedding, kind, None if ranges is None else np.array(ranges, np.float32))

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


def _key(prepared: Prepared) -> tuple[str, bool]:
    """The route of a text, and whether embeddings of its tokens are requested."""
    key: Any = prepared.key
    return key
