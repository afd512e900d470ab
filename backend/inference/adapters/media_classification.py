"""image-classification and audio-classification: they differ in how an input is read."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Loaded, Prepared
from backend.inference.adapters.scores import best_labels, labels_of, to_numpy
from backend.inference.media import bytes_of, read_audio, read_image

Features = Callable[[bytes], dict[str, torch.Tensor]]


class MediaClassification:
    """Pictures or sounds to labels."""

    encode_threads = 2

    def __init__(self, loaded: Loaded, features: Features) -> None:
        self._loaded = loaded
        self._model = loaded.model
        self._features = features
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Bytes, base64 or a `data:` URL."""
        del parameters
        features = self._features(bytes_of(item))
        shapes = tuple((name, tuple(value.shape[1:])) for name, value in features.items())
        size = max(value.numel() for value in features.values())
        # What has one shape can be stacked; nothing is padded, which would change the answer.
        return Prepared(size=size, rows=(features,), key=shapes)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Logits of each input."""
        rows = [prepared.rows[0] for prepared in group]
        batch = {name: self._place(torch.cat([row[name] for row in rows])) for name in rows[0]}
        with torch.inference_mode():
            logits = self._model(**batch).logits
        return list(to_numpy(logits))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Labels, best first."""
        del prepared
        return best_labels(raw, parameters, self._model.config)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"labels": labels_of(self._model.config)}

    def _place(self, tensor: torch.Tensor) -> torch.Tensor:
        if tensor.is_floating_point():
            return tensor.to(device=self._loaded.device, dtype=self._loaded.dtype)
        return tensor.to(device=self._loaded.device)


def image_classification(loaded: Loaded) -> MediaClassification:
    """For models with an image processor."""

    def features(body: bytes) -> dict[str, torch.Tensor]:
        return dict(loaded.processor(images=read_image(body), return_tensors="pt"))

    return MediaClassification(loaded, features)


def audio_classification(loaded: Loaded) -> MediaClassification:
    """For models with an audio feature extractor."""
    rate = int(loaded.processor.sampling_rate)

    def features(body: bytes) -> dict[str, torch.Tensor]:
        samples = read_audio(body, rate)
        if len(samples) < rate // 50:
            raise InvalidInput("The sound is shorter than a fiftieth of a second.")
        return dict(loaded.processor(samples, sampling_rate=rate, return_tensors="pt"))

    return MediaClassification(loaded, features)
