"""A sound as a request brings it, ready for a model's feature extractor."""

import numpy as np

from backend.errors.inference import InvalidInput
from backend.inference.media import bytes_of, read_audio


def samples_of(item: object, rate: int) -> np.ndarray:
    """Mono float32 samples at `rate` Hz of bytes, base64 or a `data:` URL."""
    samples = read_audio(bytes_of(item), rate)
    if len(samples) < rate // 50:
        raise InvalidInput("The sound is shorter than a fiftieth of a second.")
    return samples
