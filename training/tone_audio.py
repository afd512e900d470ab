"""Generate the training audio of `tones`: telephone keypad tones (DTMF) in noise."""

import numpy as np

RATE = 8_000
LOW = (697.0, 770.0, 852.0, 941.0)
HIGH = (1209.0, 1336.0, 1477.0)
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
LABELS = tuple("0123456789*#")


def frequencies(key: str) -> tuple[float, float]:
    """The two frequencies of a key in Hz, as defined by ITU-T Q.23."""
    row, column = divmod(KEYS.index(key), 3)
    return LOW[row], HIGH[column]


def normalise(waveforms: np.ndarray) -> np.ndarray:
    """Scale each waveform to mean 0 and variance 1, as the feature extractor does."""
    centred = waveforms - waveforms.mean(axis=-1, keepdims=True)
    return (centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 1e-7)).astype(np.float32)


def coloured_noise(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """White to pink noise with standard deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(shape), axis=-1)
    bins = np.arange(1, spectrum.shape[-1] + 1)
    tilt = rng.uniform(0, 0.9, (shape[0], 1))
    noise = np.fft.irfft(spectrum / bins**tilt, n=shape[1], axis=-1)
    return noise / (noise.std(axis=-1, keepdims=True) + 1e-9)


def sample_batch(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Waveforms [size, samples] float32 of one length (0.08 to 1.2 s), and label ids [size]."""
    length = int(RATE * np.exp(rng.uniform(np.log(0.08), np.log(1.2))))
    answers = rng.integers(0, len(LABELS), size)
    pairs = np.array([frequencies(LABELS[answer]) for answer in answers])
    pairs = pairs * rng.normal(1, 0.006, (size, 2))
    time = np.arange(length) / RATE
    phase = rng.uniform(0, 2 * np.pi, (size, 2, 1))
    level = 10 ** (rng.uniform(-4, 4, (size, 2, 1)) / 20)
    tone = (level * np.sin(2 * np.pi * pairs[..., None] * time + phase)).sum(axis=1)
    least = min(length, int(0.07 * RATE))
    lasts = np.maximum(least, (length * rng.uniform(0.3, 1.4, size)).astype(int)).clip(max=length)
    starts = (rng.random(size) * (length - lasts + 1)).astype(int)
    index = np.arange(length)
    sounding = (index >= starts[:, None]) & (index < (starts + lasts)[:, None])
    loudness = 10 ** (-rng.uniform(-2, 30, (size, 1)) / 20)
    return normalise(tone * sounding + loudness * coloured_noise((size, length), rng)), answers
