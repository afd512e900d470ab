"""Decodes images and audio from bytes or base64, never from paths or URLs; sizes are limited.

The format is detected from the first bytes only and passed to FFmpeg, whose own detection
includes playlists that can open other files and URLs.
"""

import base64
import binascii
import io
import re
import warnings

import av
import av.container
import av.error
import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from backend.errors.inference import InvalidInput, InvalidMedia
from backend.errors.request import PayloadTooLarge, UnsupportedMediaType
from backend.inference.coded_size import is_coded_within
from backend.inference.config import MAX_AUDIO_SECONDS, MAX_PIXELS

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# The first image of a file is decoded on demand; embedded previews are not read.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
# Pillow's names of the formats; HEIC files (from phones) are called HEIF.
_IMAGES = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
# Exceptions that Pillow and its plug-ins raise for corrupt files.
_UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError, RuntimeError
)  # fmt: skip
_NOT_AN_IMAGE = (
    "Image could not be decoded: not a complete file in a supported format "
    "(PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, HEIC)."
)
_ADDRESS = re.compile(r"(?:https?|ftp|file|s3|hf)://|file:", re.IGNORECASE)
_DATA_URL = re.compile(r"data:[\w.+/-]{0,100}(?:;[\w=.+-]{1,100})*;base64,", re.IGNORECASE)
# Atomic groups, since backtracking over many comments would take exponential time.
_SVG = re.compile(
    rb"\s*+(?:<\?xml[^>]*>\s*+)?(?:(?><!--.*?-->)\s*+|<!DOCTYPE[^>]*>\s*+)*+<svg", re.DOTALL
)


def bytes_of(item: object) -> bytes:
    """The bytes of a media input. Raises InvalidInput for URLs, paths and invalid base64."""
    if isinstance(item, bytes):
        content = item
    elif isinstance(item, str):
        content = _from_base64(item)
    else:
        raise InvalidInput("inputs must be base64 text, or a list of such texts.")
    if not content:
        raise InvalidInput("The input is empty.")
    return content


def _from_base64(text: str) -> bytes:
    if _ADDRESS.match(text):
        raise InvalidInput("URLs and paths are not fetched; send the file's bytes or base64.")
    head = _DATA_URL.match(text)
    packed = re.sub(r"\s+", "", text[head.end() if head else 0 :])
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("inputs is not base64; send the file's bytes or base64.") from None


def read_image(body: bytes) -> Image.Image:
    """Decode to an RGB image, rotated by its EXIF orientation. Raises 413, 415 or 422."""
    if _SVG.match(body[:4096]):
        raise UnsupportedMediaType("SVG is not supported: send a raster image.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(body), formats=_IMAGES)
            _check_pixels(image.width * image.height)
            if image.format == "AVIF" and not is_coded_within(body, MAX_PIXELS):
                raise InvalidMedia(_NOT_AN_IMAGE)
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _rgb(upright)
    except Image.DecompressionBombError:
        raise PayloadTooLarge(f"The image has over {2 * MAX_PIXELS:,} pixels.") from None
    except _UNREADABLE:
        raise InvalidMedia(_NOT_AN_IMAGE) from None


def _check_pixels(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise PayloadTooLarge(f"The image has {pixels:,} pixels; the limit is {MAX_PIXELS:,}.")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        # 16 bits to 8; Pillow's own conversion clips in place of scaling.
        grey = np.asarray(image, dtype=np.int64) >> 8
        return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("RGB")


def write_png(image: Image.Image) -> bytes:
    """Encode an image as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def png_text(image: Image.Image) -> str:
    """Encode an image as PNG in base64, the format of the Hub for images in JSON."""
    return base64.b64encode(write_png(image)).decode()


_RIFFS = {b"WAVE": "wav", b"AVI ": "avi"}
_AUDIO_FORMATS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"FORM", "aiff"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"#!AMR", "amr"),
    (0, b"FLV", "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"ID3", "mp3"),
)  # fmt: skip


def _audio_format(body: bytes) -> str:
    if body[:4] in {b"RIFF", b"RF64"} and body[8:12] in _RIFFS:
        return _RIFFS[body[8:12]]
    for offset, magic, name in _AUDIO_FORMATS:
        if body[offset : offset + len(magic)] == magic:
            return name
    if body[:1] == b"G" and body[188:189] == b"G":
        return "mpegts"
    if len(body) > 2 and body[0] == 0xFF and body[1] & 0xE0 == 0xE0:
        # The two layer bits are zero in AAC only.
        return "mp3" if body[1] & 0x06 else "aac"
    raise InvalidMedia(
        "Audio could not be decoded: not a supported format "
        "(WAV, MP3, OGG, FLAC, M4A, AAC, WebM, AMR, AIFF)."
    )


def read_audio(body: bytes, rate: int) -> np.ndarray:
    """Decode to mono float32 `[samples]` at `rate` Hz, -1 to 1.

    Decoding stops at the limit on duration, regardless of the header. Raises 413, 415 or 422.
    """
    kind = _audio_format(body)
    try:
        source = io.BytesIO(body)
        with av.open(source, mode="r", format=kind, metadata_errors="ignore") as container:
            samples = _decode(container, rate)
    except (av.error.FFmpegError, OSError, ValueError, IndexError, MemoryError):
        raise InvalidMedia(
            "Audio could not be decoded: the data is incomplete or damaged."
        ) from None
    if not samples.size:
        raise InvalidMedia("The audio contains no samples.")
    if not np.isfinite(samples).all():
        raise InvalidMedia("The audio contains samples that are not finite.")
    return samples


def _decode(container: av.container.InputContainer, rate: int) -> np.ndarray:
    if not container.streams.audio:
        raise InvalidMedia("The file has no audio track.")
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    seconds = 0.0
    pieces: list[np.ndarray] = []
    for frame in container.decode(stream):
        seconds += frame.samples / max(frame.sample_rate, 1)
        if seconds > MAX_AUDIO_SECONDS:
            raise PayloadTooLarge(f"The audio is longer than {MAX_AUDIO_SECONDS} seconds.")
        frame.pts = None
        pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
