"""Score `tones` on simulated recordings; shares no code with the generator of the training data."""

import math
import wave
from pathlib import Path

import numpy as np
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

RATE = 8_000
PAIRS = {
    "1": (697, 1209), "2": (697, 1336), "3": (697, 1477),
    "4": (770, 1209), "5": (770, 1336), "6": (770, 1477),
    "7": (852, 1209), "8": (852, 1336), "9": (852, 1477),
    "*": (941, 1209), "0": (941, 1336), "#": (941, 1477),
}  # fmt: skip
SEED = 404
EACH = 15
Rng = np.random.Generator


def press(key: str, seconds: float, rng: Rng) -> np.ndarray:
    """Tone of a key for `seconds`, with a clock error of up to 1 % and smooth edges."""
    clock = 1 + rng.uniform(-0.01, 0.01)
    time = np.arange(int(seconds * RATE)) / RATE * clock
    low, high = PAIRS[key]
    twist = 10 ** (rng.uniform(-5, 3) / 20)
    tone = np.sin(2 * math.pi * low * time) * twist + np.sin(2 * math.pi * high * time + 1.0)
    edge = min(len(tone) // 4, 40)
    ramp = np.sin(np.linspace(0, math.pi / 2, edge)) ** 2
    tone[:edge] *= ramp
    tone[len(tone) - edge :] *= ramp[::-1]
    return tone / 2


def hum(length: int, rng: Rng) -> np.ndarray:
    """Mains hum of 50 or 60 Hz with harmonics."""
    base = rng.choice((50.0, 60.0))
    time = np.arange(length) / RATE
    waveforms = [np.sin(2 * math.pi * base * n * time + n) / n for n in (1, 2, 3, 5)]
    return np.sum(waveforms, axis=0)


def murmur(length: int, rng: Rng) -> np.ndarray:
    """Background voices: gliding harmonics with an amplitude modulation of about 4 Hz."""
    time = np.arange(length) / RATE
    room = np.zeros(length)
    for _ in range(5):
        glide = rng.uniform(90, 230) * (1 + 0.1 * np.sin(2 * math.pi * rng.uniform(1, 3) * time))
        phase = 2 * math.pi * np.cumsum(glide) / RATE
        voice = sum(np.sin(n * phase + rng.uniform(0, 6)) / n for n in range(1, 9))
        room += voice * (1 + np.sin(2 * math.pi * rng.uniform(2, 6) * time + rng.uniform(0, 6)))
    return room


def crackle(length: int, rng: Rng) -> np.ndarray:
    """About 20 clicks per second and a low level of white noise."""
    clicks = (rng.random(length) < 20 / RATE) * rng.choice((-1.0, 1.0), length)
    ring = np.exp(-np.arange(40) / 6) * np.cos(np.arange(40) * 1.9)
    return np.convolve(clicks, ring)[:length] * 6 + rng.uniform(-1, 1, length) * 0.2


def rumble(length: int, rng: Rng) -> np.ndarray:
    """Traffic noise: a leaky random walk."""
    pushes = rng.standard_normal(length)
    leak = np.exp(-np.arange(2_000) / 300)
    return np.convolve(pushes, leak)[:length]


def echo(audio: np.ndarray, rng: Rng) -> np.ndarray:
    tail = rng.standard_normal(1_200) * np.exp(-np.arange(1_200) / 250) * 0.06
    tail[0] = 1.0
    return np.convolve(audio, tail)[: len(audio)]


def clip(audio: np.ndarray, rng: Rng) -> np.ndarray:
    top = np.abs(audio).max() * rng.uniform(0.25, 0.6)
    return audio.clip(-top, top)


def telephone(audio: np.ndarray, rng: Rng) -> np.ndarray:
    """Telephone channel: band-pass from 300 to 3,400 Hz, then 8-bit mu-law coding."""
    spectrum = np.fft.rfft(audio)
    hertz = np.fft.rfftfreq(len(audio), 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0
    narrow = np.fft.irfft(spectrum, n=len(audio))
    narrow = narrow / (np.abs(narrow).max() + 1e-9) * rng.uniform(0.1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / math.log(256) * 127) / 127
    return np.sign(coded) * (256 ** np.abs(coded) - 1) / 255


def record(key: str, index: int, rng: Rng) -> np.ndarray:
    """A key of 0.1 to 2 s after one distortion, in one kind of noise 3 to 25 dB below the tone."""
    tone = press(key, math.exp(rng.uniform(math.log(0.1), math.log(2.0))), rng)
    around = [int(RATE * rng.uniform(0, min(0.25, len(tone) / RATE))) for _ in range(2)]
    audio = np.concatenate([np.zeros(around[0]), tone, np.zeros(around[1])])
    audio = (echo, clip, telephone, lambda heard, _: heard)[index % 4](audio, rng)
    noise = (hum, murmur, crackle, rumble, lambda n, r: r.laplace(size=n))[index % 5](
        len(audio), rng
    )
    noise = noise / (noise.std() + 1e-9) * tone.std() * 10 ** (-rng.uniform(3, 25) / 20)
    mixed = audio + noise
    return (mixed / np.abs(mixed).max() * 10 ** (-rng.uniform(0, 36) / 20)).astype(np.float32)


def test_recordings() -> list[tuple[np.ndarray, str]]:
    rng = np.random.default_rng(SEED)
    return [(record(key, index, rng), key) for index in range(EACH) for key in PAIRS]


def classify(folder: Path, audios: list[np.ndarray]) -> list[tuple[str, float]]:
    """Label and probability for each 8 kHz waveform, from the model in `folder`, padded batches."""
    extractor = AutoFeatureExtractor.from_pretrained(folder)
    model = AutoModelForAudioClassification.from_pretrained(folder).eval()
    answers: list[tuple[str, float]] = []
    for at in range(0, len(audios), 30):
        group = audios[at : at + 30]
        inputs = extractor(group, sampling_rate=RATE, padding=True, return_tensors="pt")
        with torch.inference_mode():
            best = model(**inputs).logits.softmax(dim=-1).max(dim=-1)
        labels = [model.config.id2label[int(index)] for index in best.indices]
        answers += zip(labels, best.values.tolist(), strict=True)
    return answers


def score(folder: Path) -> float:
    """Accuracy from 0 to 1."""
    recordings = test_recordings()
    answers = classify(folder, [audio for audio, _ in recordings])
    right = sum(a[0] == key for a, (_, key) in zip(answers, recordings, strict=True))
    return right / len(recordings)


def write_sample(path: Path) -> None:
    """Write the example of the wizard: key 5 for 0.5 s with mains hum, 16-bit mono WAV."""
    rng = np.random.default_rng(SEED)
    audio = press("5", 0.5, rng)
    audio = audio + hum(len(audio), rng) * 0.05
    pulses = (audio / np.abs(audio).max() * 0.6 * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pulses.tobytes())
