"""Text embeddings as in sentence-transformers, for all tasks that use them."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backend.domain.sentence_transformers import EmbeddingModule, SentenceTransformersModel
from backend.errors.inference import InvalidInput
from backend.errors.model import ModelNotSupported
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.embeddings.inputs import (
    InputModule,
    TransformerInput,
    with_prompt,
)
from backend.inference.adapters.embeddings.layers import (
    Dense,
    Features,
    Normalize,
    Pooling,
    layers_of,
)
from backend.inference.adapters.embeddings.model_files import default_model, read_model
from backend.inference.adapters.embeddings.prompts import Prompts
from backend.inference.adapters.embeddings.sparse import (
    SparseAutoEncoder,
    SpladePooling,
    largest,
)
from backend.inference.adapters.embeddings.word_layers import CNN, LSTM
from backend.inference.adapters.items import text_item
from backend.inference.adapters.scores import to_numpy
from backend.inference.adapters.tokenization import Encoded, Truncation
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.module_rules import SENTENCE, TOKENS, embeds

_ANOTHER = "Choose another model for this task."


class InputModules(nn.Module):
    """The first modules of all routes, by folder; stands for the model where it has several."""

    def __init__(self, parts: Mapping[str, InputModule]) -> None:
        super().__init__()
        self.parts = dict(parts)


class Embedder:
    """Computes float32 embeddings of texts, before normalization."""

    def __init__(self, loaded: LoadedModel) -> None:
        found = read_model(loaded.directory) or default_model(loaded.model.config)
        if reason := embeds(found):
            raise ModelNotSupported(reason, instead=_ANOTHER)
        self.model = found
        self._prompts = Prompts(found)
        self.dimensions: int | None = found.settings.get("truncate_dim")  # pyright: ignore[reportAttributeAccessIssue]
        model = loaded.model
        [first, *_] = found.routes[found.default_route]
        parts = (
            model.parts
            if isinstance(model, InputModules)
            else {first.folder: TransformerInput(loaded, first)}
        )
        self._routes = {
            name: _Route(parts[row[0].folder], row[1:], loaded, found)
            for name, row in found.routes.items()
        }

    def encode(
        self, text: object, cut: Truncation, prompt_name: str | None, input_type: str | None
    ) -> tuple[str, Encoded]:
        """Tokenize a text with its prompt before it; also returns the route that it takes."""
        name, prompt = self._prompts.choose(prompt_name, input_type)
        return name, self._routes[name].encode(text_item(text, MAX_CHARACTERS), prompt, cut)

    def forward(self, group: Sequence[Prepared], route: str) -> list[np.ndarray]:
        """For each member of the group the embeddings of its rows, float32 `[rows, dimensions]`."""
        return self._routes[route].forward(group)

    def is_normalized(self, route: str) -> bool:
        """Whether the last module of the route is a normalization."""
        return self._routes[route].is_normalized

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of the default route."""
        return self._routes[self.model.default_route].tokenizer

    def prompt(self, name: str | None) -> str:
        """The prompt of this name, or the default one. Raises InvalidInput."""
        return self._prompts.choose(name, None)[1]

    def token_states(self, group: Sequence[Prepared], route: str) -> list[np.ndarray]:
        """The token embeddings of each member before the pooling, float32 `[tokens, dimensions]`.

        Raises InvalidInput if the model has none.
        """
        made: list[np.ndarray] = []
        for prepared in group:
            check_client_waiting(group)
            with torch.inference_mode():
                made.append(to_numpy(self._routes[route].token_states(prepared.rows)))
        return made

    def facts(self) -> dict[str, object]:
        """For /info."""
        first = self._routes[self.model.default_route]
        limits = [route.limit for route in self._routes.values() if route.limit]
        width = min(first.width, self.dimensions or first.width)
        facts: dict[str, object] = {
            "max_input_tokens": max(limits, default=None),
            "dimensions": width,
            "pooling": first.pooling,
            "normalized": first.is_normalized,
            "prompts": self._prompts.names(),
        }
        if self.model.is_sparse:
            facts["sparse"] = True
        if self.model.tasks:
            facts["input_types"] = sorted(self.model.tasks)
        return facts


class _Route:
    """One input module and the modules after it."""

    def __init__(
        self,
        first: InputModule,
        others: Sequence[EmbeddingModule],
        loaded: LoadedModel,
        model: SentenceTransformersModel,
    ) -> None:
        self._first, self._is_sparse = first, model.is_sparse
        is_pooled = "sentence_embedding" in getattr(loaded.model, "output_names", ())
        layers = layers_of(others, Path(loaded.directory))
        self.is_normalized = bool(layers) and _normalizes(layers[-1])
        poolings = [name for one in layers if isinstance(one, Pooling) for name in one.names]
        self._needs_tokens = "max" in poolings
        self._pools_prompt = all(one.pools_prompt for one in layers if isinstance(one, Pooling))
        self.pooling = _pooling(layers)
        if is_pooled:
            # A graph may include the pooling and the modules after it.
            layers = []
        self._layers = nn.Sequential(*(layers[:-1] if self.is_normalized else layers))
        self._token_layers = nn.Sequential(*takewhile(lambda one: not _pools(one), layers))
        self._device = loaded.spec.device
        self._layers.to(self._device)
        self._most: int | None = model.settings.get("max_active_dims") if model.is_sparse else None  # pyright: ignore[reportAttributeAccessIssue]
        for layer in layers:
            if isinstance(layer, SparseAutoEncoder) and self._most:
                layer.k = self._most
        self.limit, self.width = first.limit, _width(first.width, layers)

    def encode(self, text: str, prompt: str, cut: Truncation) -> Encoded:
        if self._pools_prompt:
            row = self._first.encode(prompt + text, cut)
        else:
            row = with_prompt(self._first, prompt, text, cut)
        if self._needs_tokens and not row.ids:
            raise InvalidInput("The model knows no word of the text: max pooling has no result.")
        return row

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        return self._first.through(group, self._embeddings)

    @property
    def tokenizer(self) -> Any:
        return self._first.tokenizer

    def token_states(self, rows: Sequence[Encoded]) -> Tensor:
        features = self._features(rows)
        if TOKENS not in features or self._is_sparse:
            raise InvalidInput("This model has no embeddings of tokens. Use /predict.")
        [states], [row] = self._token_layers(features)[TOKENS], rows
        return states[: len(row.ids)].to(torch.float32)

    def _features(self, rows: Sequence[Encoded]) -> Features:
        found = self._first.features(rows)
        return {name: tensor.to(self._device) for name, tensor in found.items()}

    def _embeddings(self, rows: Sequence[Encoded]) -> np.ndarray:
        with torch.inference_mode():
            made = self._layers(self._features(rows))[SENTENCE].to(torch.float32)
            return to_numpy(largest(made, self._most) if self._most else made)


def _pooling(layers: Sequence[nn.Module]) -> str | None:
    """Names of the poolings, for /info; `splade` is TEI's name."""
    if any(isinstance(layer, SpladePooling) for layer in layers):
        return "splade"
    names = [name for one in layers if isinstance(one, Pooling) for name in one.names]
    return "+".join(names) or None


def _pools(layer: nn.Module) -> bool:
    return isinstance(layer, Pooling | SpladePooling)


def _normalizes(layer: nn.Module) -> bool:
    return isinstance(layer, Normalize) and layer.name == SENTENCE


def _width(width: int, layers: Sequence[nn.Module]) -> int:
    """Number of dimensions after the layers."""
    for layer in layers:
        if isinstance(layer, Pooling):
            width *= len(layer.names)
        elif isinstance(layer, Dense):
            width = layer.linear.out_features
        elif isinstance(layer, LSTM | CNN):
            width = layer.out_features
        elif isinstance(layer, SparseAutoEncoder):
            width = layer.encoder.out_features
    return width


def normalized(features: np.ndarray) -> np.ndarray:
    """Scale to length one along the last axis (L2 norm)."""
    return features / np.maximum(np.linalg.norm(features, axis=-1, keepdims=True), 1e-12)
