"""Samples as a WAV file, the answer of models that speak."""

import io
import wave

import numpy as np

from backend.errors.inference import GenerationFailed
from backend.inference.adapters.scores import check_finite
from backend.inference.answers import File


def wav_file(samples: np.ndarray, rate: int) -> File:
    """16 bits from samples between -1 and 1, shaped (samples) or (channels, samples)."""
    channels = np.atleast_2d(check_finite(samples))
    if not channels.size:
        raise GenerationFailed("The model made no sound of this text.")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(channels, -1, 1).T * 32_767).round().astype("<i2").tobytes())
    return File(body=out.getvalue(), content_type="audio/wav")
