"""Classification of images, audio and videos, which differ only in their input."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.audio_input import samples_of
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import best_labels, labels_of, to_numpy
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.media import bytes_of, read_image
from backend.inference.video import read_frames

Features = Callable[[bytes, Any], dict[str, torch.Tensor]]


class MediaClassification:
    """Image, audio or video to labels."""

    encode_threads = 2

    def __init__(self, loaded: LoadedModel, features: Features) -> None:
        self._loaded = loaded
        self._model = loaded.model
        self._features = features
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare a file: bytes, base64 or a `data:` URL."""
        return prepared(self._features(bytes_of(item), parameters))

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Logits of each input, float32 `[labels]`."""
        with torch.inference_mode():
            logits = self._model(**stacked(group, self._loaded)).logits
        return list(to_numpy(logits))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Labels with scores, best first."""
        del prepared
        return best_labels(raw, parameters, self._model.config)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"labels": labels_of(self._model.config)}


def image_classification(loaded: LoadedModel) -> MediaClassification:
    """Adapter for models with an image processor."""

    def features(body: bytes, parameters: Any) -> dict[str, torch.Tensor]:
        del parameters
        return dict(loaded.processor(images=read_image(body), return_tensors="pt"))

    return MediaClassification(loaded, features)


def audio_classification(loaded: LoadedModel) -> MediaClassification:
    """Adapter for models with an audio feature extractor."""
    rate = int(loaded.processor.sampling_rate)

    def features(body: bytes, parameters: Any) -> dict[str, torch.Tensor]:
        del parameters
        samples = samples_of(body, rate)
        return dict(loaded.processor(samples, sampling_rate=rate, return_tensors="pt"))

    return MediaClassification(loaded, features)


def video_classification(loaded: LoadedModel) -> MediaClassification:
    """Adapter for models whose image processor accepts a list of frames."""
    own = loaded.model.config.num_frames
    # Models with tubelet embeddings have positions for a fixed number of frames.
    is_fixed = hasattr(loaded.model.config, "tubelet_size")

    def features(body: bytes, parameters: Any) -> dict[str, torch.Tensor]:
        count = parameters.num_frames or own
        if is_fixed and count != own:
            raise InvalidInput(f"num_frames is {count}; this model requires {own} frames.")
        last = count * parameters.frame_sampling_rate - 1
        wanted = np.linspace(0, last, num=count, dtype=np.int64).tolist()
        return dict(loaded.processor(read_frames(body, wanted), return_tensors="pt"))

    return MediaClassification(loaded, features)
