"""Small valid inputs generated from a seed (sentences, PNG, GIF, WAV), standard library only."""

import base64
import hashlib
import io
import json
import math
import struct
import wave
import zlib

from backend.tasks.base import Sample

_PEOPLE = ("Maria", "Ahmed", "Li Wei", "Olga", "Kwame", "Sofia", "Daniel", "Yuki")
_PLACES = ("Lisbon", "Nairobi", "Kyoto", "Montreal", "Tallinn", "Lima", "Hanoi", "Oslo")
_THINGS = ("film", "museum", "concert", "bakery", "library", "garden", "train ride", "exhibition")
_FEELINGS = (
    "wonderful",
    "boring",
    "surprising",
    "terrible",
    "charming",
    "disappointing",
    "brilliant",
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_RATE = 16_000
_SIDE = 64


def stream_of(seed: int, count: int) -> bytes:
    """`count` deterministic bytes for a seed."""
    return hashlib.shake_256(str(seed).encode()).digest(count)


def sentence(seed: int, pattern: str = "{who} found the {what} in {where} {how} on {when}.") -> str:
    """A sentence that depends on the seed."""
    a, b, c, d, e, f = stream_of(seed, 6)
    return pattern.format(
        who=_PEOPLE[a % len(_PEOPLE)],
        what=_THINGS[b % len(_THINGS)],
        where=_PLACES[c % len(_PLACES)],
        how=_FEELINGS[d % len(_FEELINGS)],
        when=f"{1 + e % 28} {_MONTHS[f % len(_MONTHS)]}",
    )


def json_sample(body: dict[str, object]) -> Sample:
    """A JSON request, displayed as it is sent."""
    return Sample(json.dumps(body).encode(), "application/json", body)


def png(seed: int) -> bytes:
    """A PNG of a disc on a gradient, 64 x 64 pixels, 8-bit RGB."""
    color = stream_of(seed, 8)
    x0, y0, radius = 16 + color[6] % 32, 16 + color[7] % 32, 8 + color[5] % 12
    rows = bytearray()
    for y in range(_SIDE):
        rows.append(0)
        for x in range(_SIDE):
            inside = (x - x0) ** 2 + (y - y0) ** 2 < radius**2
            rows += color[0:3] if inside else bytes((x * 4, y * 4, color[3]))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def gif(seed: int) -> bytes:
    """A GIF of a disc that crosses a gradient: 16 frames of 32 x 32 pixels, 25 per second."""
    color = stream_of(seed, 7)
    side, radius, y0 = 32, 4 + color[3] % 6, 8 + color[4] % 16
    # The last color is that of the disc, the others are the gradient.
    palette = bytes(v for i in range(127) for v in (2 * i, 254 - 2 * i, color[5])) + color[0:3]
    parts = [b"GIF89a", struct.pack("<HHBBB", side, side, 0xF6, 0, 0), palette]
    for x0 in range(0, 2 * side, 4):
        pixels = bytes(
            127 if (x - x0 % side) ** 2 + (y - y0) ** 2 < radius**2 else (x + y + color[6] // 4)
            for y in range(side)
            for x in range(side)
        )
        # 8-bit LZW codes: the table is cleared before a 9-bit code is needed.
        codes = (
            b"".join(b"\x80" + pixels[i : i + 120] for i in range(0, len(pixels), 120)) + b"\x81"
        )
        blocks = (codes[i : i + 255] for i in range(0, len(codes), 255))
        parts += [
            b"!\xf9\x04" + struct.pack("<BHBB", 0, 4, 0, 0),
            b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x07",
            *(bytes([len(block)]) + block for block in blocks),
            b"\x00",
        ]
    return b"".join(parts) + b";"


def wav(seed: int) -> bytes:
    """A WAV with two tones and some noise: one second, 16 kHz, mono, 16 bit."""
    tone = stream_of(seed, 4)
    low, high = 600 + tone[0] * 2, 1200 + tone[1] * 2
    noise = stream_of(seed + 1, _RATE)
    frames = bytearray()
    for i in range(_RATE):
        t = i / _RATE
        value = 0.4 * math.sin(math.tau * low * t) + 0.4 * math.sin(math.tau * high * t)
        frames += struct.pack("<h", int(28_000 * (value + 0.04 * (noise[i] / 255 - 0.5))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(bytes(frames))
    return out.getvalue()


def media_sample(body: bytes, content_type: str) -> Sample:
    """A raw body, displayed as a `data:` URL."""
    shown = f"data:{content_type};base64,{base64.b64encode(body).decode()}"
    return Sample(body, content_type, shown)
