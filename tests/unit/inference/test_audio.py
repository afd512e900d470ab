"""Audio of every kind that people send, each encoded here and read back."""

import contextlib
import io
import wave
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pytest

from backend.errors.inference import InvalidMedia
from backend.errors.request import PayloadTooLarge
from backend.inference import media
from backend.inference.media import read_audio

RATE = 16_000
TONE = 500.0


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    """A sine of 500 Hz at half loudness, float32."""
    return (0.5 * np.sin(2 * np.pi * TONE * np.arange(int(rate * seconds)) / rate)).astype("f4")


def encoded(container: str, codec: str, rate: int, layout: str = "mono") -> bytes:
    """One second of the tone in a file of this kind."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = cast("av.AudioStream", file.add_stream(codec, rate=rate, layout=layout))
        resampler = av.AudioResampler(stream.format, layout, rate, stream.frame_size or None)
        frame = av.AudioFrame.from_ndarray(tone(rate)[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
            file.mux(stream.encode(piece))
    return out.getvalue()


def video(with_audio: bool) -> bytes:
    """Ten frames of a video in MP4."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        video = file.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = file.add_stream("aac", rate=RATE, layout="mono") if with_audio else None
        for i in range(10):
            image = av.VideoFrame.from_ndarray(np.full((32, 32, 3), i, "u1"), format="rgb24")
            image.pts, image.time_base = i, Fraction(1, 10)
            file.mux(video.encode(image))
        file.mux(video.encode(None))
        if audio:
            frame = av.AudioFrame.from_ndarray(tone(RATE)[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            file.mux([*audio.encode(frame), *audio.encode(None)])
    return out.getvalue()


def peak_frequency(samples: np.ndarray) -> float:
    """In Hz."""
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("wav", "pcm_u8", 8_000),
        ("wav", "pcm_s16le", 44_100),
        ("wav", "pcm_s24le", 48_000),
        ("wav", "pcm_s32le", 16_000),
        ("wav", "pcm_f32le", 22_050),
        ("wav", "pcm_mulaw", 8_000),
        ("mp3", "libmp3lame", 44_100),
        ("ogg", "libopus", 48_000),
        ("ogg", "flac", 44_100),
        ("flac", "flac", 44_100),
        ("ipod", "aac", 44_100),
        ("mp4", "aac", 48_000),
        ("adts", "aac", 44_100),
        ("webm", "libopus", 48_000),
        ("matroska", "flac", 44_100),
        ("amr", "libopencore_amrnb", 8_000),
        ("aiff", "pcm_s16be", 44_100),
        ("caf", "pcm_s16be", 44_100),
        ("au", "pcm_s16be", 44_100),
        ("avi", "mp3", 44_100),
        ("mpegts", "aac", 44_100),
        ("asf", "mp3", 44_100),
        ("flv", "aac", 44_100),
    ],
)
def test_audio_is_read_from_every_format(container: str, codec: str, rate: int) -> None:
    samples = read_audio(encoded(container, codec, rate), RATE)
    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(1.0, abs=0.15)
    middle = samples[RATE // 4 : 3 * RATE // 4]
    assert peak_frequency(middle) == pytest.approx(TONE, abs=4)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.15)


def test_stereo_is_downmixed_at_same_loudness() -> None:
    stereo = read_audio(encoded("wav", "pcm_s16le", RATE, "stereo"), RATE)
    assert len(stereo) == RATE
    assert np.abs(stereo).max() == pytest.approx(0.5, abs=0.05)


def test_audio_of_video_is_read_and_video_without_audio_is_rejected() -> None:
    assert peak_frequency(read_audio(video(with_audio=True), RATE)) == pytest.approx(TONE, abs=4)
    with pytest.raises(InvalidMedia, match="no audio track"):
        read_audio(video(with_audio=False), RATE)


def test_file_without_samples_is_rejected() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
    with pytest.raises(InvalidMedia, match="no samples"):
        read_audio(out.getvalue(), RATE)


@pytest.mark.parametrize(
    ("container", "codec"), [("mp3", "libmp3lame"), ("ipod", "aac"), ("flac", "flac")]
)
def test_truncated_file_is_read_partially_or_rejected(container: str, codec: str) -> None:
    whole = encoded(container, codec, 44_100)
    for end in (1, 4, 12, 40, len(whole) // 2):
        with contextlib.suppress(InvalidMedia):
            assert len(read_audio(whole[:end], RATE)) <= 1.2 * RATE


@pytest.mark.parametrize("body", [b"", b"RIFF", b"G" * 400, b"#!AMR\n", b"no sound", b"#EXTM3U\n"])
def test_invalid_audio_is_rejected(body: bytes) -> None:
    with pytest.raises(InvalidMedia):
        read_audio(body, RATE)


def test_decoding_stops_at_maximum_duration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_AUDIO_SECONDS", 0.5)
    with pytest.raises(PayloadTooLarge, match="longer than"):
        read_audio(encoded("flac", "flac", RATE), RATE)
