"""Longer audio made of the small ones of backend/tasks/samples.py."""

import io
import wave
from collections.abc import Sequence

import numpy as np

RATE = 16_000


def as_wav(samples: np.ndarray) -> bytes:
    """Samples from -1 to 1 at 16 kHz as a WAV file of 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def joined(files: Sequence[bytes]) -> bytes:
    """One after the other, as one WAV file."""
    frames: list[np.ndarray] = []
    for body in files:
        with wave.open(io.BytesIO(body)) as file:
            frames.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    return as_wav(np.concatenate(frames) / 32767)
