"""Shared code of text-to-speech adapters: input text, and WAV files."""

import io
import re
import wave

import numpy as np

from backend.errors.inference import GenerationFailed, InputTooLong
from backend.inference.adapters.items import text_item
from backend.inference.adapters.scores import check_finite
from backend.inference.config import MAX_CHARACTERS, MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile

# Where to split a long text, best first.
_PAUSES = (r"[.!?\u2026\u3002\uff01\uff1f]+\s*", r"[,;:\u3001\uff0c]+\s*", r"\s+")


def speech_text(item: object) -> str:
    """Return the input text, of limited length. Raises InvalidInput and InputTooLong."""
    text = text_item(item, MAX_CHARACTERS)
    if len(text) > MAX_SPEECH_CHARACTERS:
        raise InputTooLong(
            f"{len(text):,} characters; the limit for speech is {MAX_SPEECH_CHARACTERS:,}."
        )
    return text


def split_text(text: str, most: int) -> list[str]:
    """Split into parts of at most `most` characters.

    A part ends after the last sentence, clause or word in its second half, else within a word.
    """
    parts: list[str] = []
    while len(text) > most:
        cut = next(filter(None, (_last_end(pause, text[:most]) for pause in _PAUSES)), most)
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]


def _last_end(pause: str, text: str) -> int | None:
    ends = [found.end() for found in re.finditer(pause, text)]
    return ends[-1] if ends and ends[-1] >= len(text) // 2 else None


def wav_file(samples: np.ndarray, rate: int) -> MediaFile:
    """Encode `[samples]` or `[channels, samples]`, from -1 to 1, as a WAV file of 16-bit PCM."""
    channels = np.atleast_2d(check_finite(samples))
    if not channels.size:
        raise GenerationFailed("The model returned no audio for this text.")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(channels, -1, 1).T * 32_767).round().astype("<i2").tobytes())
    return MediaFile(body=out.getvalue(), content_type="audio/wav")
