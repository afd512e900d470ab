"""Text embeddings as in sentence-transformers, for all tasks that use them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.embeddings.layers import (
    POOLINGS,
    Dense,
    head_of,
    pooling_of,
)
from backend.inference.adapters.embeddings.sentence_transformers_files import (
    SentenceTransformersFiles,
    read_sentence_transformers_files,
)
from backend.inference.adapters.scores import text_item, to_numpy
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, Truncation, lower_case
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.layers import EMBEDDING_LAYERS


class Embedder:
    """Computes float32 embeddings of texts, before normalization.

    `is_normalized`: the last layer of the model is a normalization.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        model = loaded.model
        self._model = model.get_encoder() if model.config.is_encoder_decoder else model
        self.files = read_sentence_transformers_files(
            loaded.directory, "feature-extraction", EMBEDDING_LAYERS
        )
        self._poolings, self._pools_prompt, rest = _pooling(self.files, model.config)
        # A graph may include the pooling and the layers after it.
        self._is_pooled = "sentence_embedding" in getattr(model, "output_names", ())
        self.is_normalized = bool(rest) and rest[-1].kind == "Normalize"
        head = head_of(() if self._is_pooled else rest).to(loaded.device)
        self._head = head[:-1] if self.is_normalized else head
        self._texts = TextTokenizer(loaded, self.files.max_tokens)
        width = getattr(model, "embedding_size", None)
        width = width or model.config.get_text_config().hidden_size * len(self._poolings)
        full = [layer.linear.out_features for layer in head if isinstance(layer, Dense)] or [width]
        self._dimensions = min(full[-1], self.files.dimensions or full[-1])
        if self.files.lowers_case:
            lower_case(self._texts.tokenizer)

    def encode(self, text: object, cut: Truncation, prompt_name: str | None = None) -> Encoded:
        """Tokenize a text with the requested prompt, or the model's default prompt, before it."""
        prompt = self.prompt(prompt_name)
        [row] = self._texts.encode(prompt + text_item(text, MAX_CHARACTERS), cut=cut)
        if not prompt or self._pools_prompt:
            return row
        [alone] = self._texts.encode(prompt, cut=Truncation(allowed=True))
        # The final special token belongs to the text, not to the prompt.
        return replace(row, prompt=len(alone.ids) - alone.special[-1])

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._texts.tokenizer

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each member of the group the embeddings of its rows, float32 `[rows, dimensions]`."""
        return self._texts.through(group, self._embeddings)

    def token_states(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """The last hidden state of each member, float32 `[tokens, hidden size]`."""
        made: list[np.ndarray] = []
        for prepared in group:
            check_client_waiting(group)
            with torch.inference_mode():
                states = self._model(**self._texts.collate(prepared.rows)).last_hidden_state
            made.append(to_numpy(states[0]))
        return made

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_input_tokens": self._texts.limit,
            "dimensions": self._dimensions,
            "pooling": "+".join(self._poolings),
            "normalized": self.is_normalized,
            "prompts": sorted(name for name, text in self.files.prompts.items() if text),
        }

    def _embeddings(self, rows: Sequence[Encoded]) -> np.ndarray:
        batch = self._texts.collate(rows)
        mask = batch["attention_mask"]
        places = torch.arange(mask.shape[1], device=mask.device)
        begins = torch.tensor([[row.prompt] for row in rows], device=mask.device)
        with torch.inference_mode():
            outputs = self._model(**batch)
            if self._is_pooled:
                return to_numpy(outputs.sentence_embedding)
            states: Tensor = outputs.last_hidden_state.to(torch.float32)
            pooled = mask * (places >= begins)
            made = [POOLINGS[name](states, mask, pooled) for name in self._poolings]
            return to_numpy(self._head(torch.cat(made, dim=-1)))

    def prompt(self, name: str | None) -> str:
        """The prompt of this name, or the default one. Raises InvalidInput."""
        prompts = self.files.prompts
        if name is None:
            return self.files.prompt
        if name not in prompts:
            raise InvalidInput(
                f"prompt_name is not one of this model's prompts: {', '.join(sorted(prompts))}."
            )
        return prompts[name]


def normalized(features: np.ndarray) -> np.ndarray:
    """Scale to length one along the last axis (L2 norm)."""
    return features / np.maximum(np.linalg.norm(features, axis=-1, keepdims=True), 1e-12)


def _pooling(
    files: SentenceTransformersFiles, config: Any
) -> tuple[tuple[str, ...], bool, tuple[Any, ...]]:
    """Names of the poolings, whether the prompt is pooled, and the layers after the pooling."""
    if files.layers:
        return *pooling_of(files.layers[0]), files.layers[1:]
    written = (config.architectures or [""])[0].endswith("ForCausalLM")
    reads_back_only = written and getattr(config, "is_causal", True)
    return ("lasttoken" if reads_back_only else "mean",), True, ()
