"""What models that speak share: the text they are given, and samples as a WAV file."""

import io
import wave

import numpy as np

from backend.errors.inference import GenerationFailed, InputTooLong
from backend.inference.adapters.scores import check_finite, text_item
from backend.inference.answers import File
from backend.inference.config import MAX_CHARACTERS, MAX_SPOKEN_CHARACTERS


def spoken_text(item: object) -> str:
    """An input that is a text, of a length that is said in minutes. Raises InputTooLong."""
    text = text_item(item, MAX_CHARACTERS)
    if len(text) > MAX_SPOKEN_CHARACTERS:
        raise InputTooLong(
            f"{len(text):,} characters; at most {MAX_SPOKEN_CHARACTERS:,} are said at once."
        )
    return text


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
