"""image-feature-extraction: one embedding per image, or the last hidden states."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import check_finite, to_numpy
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.media import bytes_of, read_image


class ImageFeatureExtraction:
    """Images to embeddings; CLIP-like models return the embedding shared with text."""

    encode_threads = 2

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        model = loaded.model
        self._run = getattr(model, "get_image_features", model)
        names = [name for name, _ in model.named_parameters()]
        # The pooler's weights are missing in many files and would be initialized at random.
        self._may_pool = not any(name.startswith("pooler.") for name in names)
        self._has_class_token = any(name.endswith("cls_token") for name in names)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an image: bytes, base64 or a `data:` URL."""
        image = read_image(bytes_of(item))
        features = self._loaded.processor(images=image, return_tensors="pt")
        return prepared(features, keep=parameters.pool, key=parameters.pool)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Of each image the embedding, float32 `[hidden]`, or states, `[sequence, hidden]`."""
        with torch.inference_mode():
            outputs = self._run(**stacked(group, self._loaded))
            found = self._embeddings(outputs) if group[0].keep else outputs.last_hidden_state
        return list(to_numpy(found))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> np.ndarray:
        """The array, with `normalize` scaled to length one along its last axis."""
        del prepared
        numbers = check_finite(raw)
        if parameters.normalize:
            length = np.linalg.norm(numbers, axis=-1, keepdims=True)
            numbers = numbers / np.maximum(length, 1e-12)
        return np.ascontiguousarray(numbers)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {}

    def _embeddings(self, outputs: Any) -> torch.Tensor:
        """Pooler output, else class token, else mean over positions: `[batch, hidden]`."""
        pooled = outputs.get("pooler_output")
        if pooled is not None and self._may_pool:
            return pooled.flatten(1)
        states = outputs.last_hidden_state
        if states.ndim > 3:
            return states.flatten(2).mean(-1)
        return states[:, 0] if self._has_class_token else states.mean(1)
