"""Decodes frames of videos from bytes; media.py explains why the format is passed to FFmpeg."""

import io
from collections.abc import Sequence

import av
import av.container
import av.error
import numpy as np

from backend.errors.inference import InvalidInput, InvalidMedia
from backend.errors.request import PayloadTooLarge
from backend.inference.config import (
    MAX_DECODED_PIXELS,
    MAX_PIXELS,
    MAX_VIDEO_PIXELS,
    MAX_VIDEO_SECONDS,
)

_VIDEO_FORMATS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (8, b"AVI ", "avi"),
    (0, b"GIF8", "gif"),
    (0, b"OggS", "ogg"),
    (0, b"FLV", "flv"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (188, b"\x47", "mpegts"),
)


def _video_format(body: bytes) -> str:
    for offset, magic, name in _VIDEO_FORMATS:
        if body[offset : offset + len(magic)] == magic:
            return name
    raise InvalidMedia("Video could not be decoded: not a supported format.")


def read_frames(body: bytes, wanted: Sequence[int]) -> list[np.ndarray]:
    """Decode the frames with these ascending indices to RGB uint8 `[height, width, 3]`.

    Raises 413 or 422.
    """
    kind = _video_format(body)
    try:
        source = io.BytesIO(body)
        with av.open(source, mode="r", format=kind, metadata_errors="ignore") as container:
            frames, seen = _decode(container, frozenset(wanted), wanted[-1])
    except (av.error.FFmpegError, OSError, ValueError, IndexError, MemoryError):
        raise InvalidMedia(
            "Video could not be decoded: the data is incomplete or damaged."
        ) from None
    if seen <= wanted[-1]:
        raise InvalidInput(f"The video has {seen:,} frames; {wanted[-1] + 1:,} are needed.")
    return [frames[number] for number in wanted]


def _decode(
    container: av.container.InputContainer, wanted: frozenset[int], last: int
) -> tuple[dict[int, np.ndarray], int]:
    """Requested frames by index, and the number of frames up to the last of them."""
    if not container.streams.video:
        raise InvalidMedia("The video contains no frames.")
    stream = container.streams.video[0]
    said = stream.codec_context.width * stream.codec_context.height
    _check_pixels(said, len(wanted))
    _check_decoded(said * (last + 1), last)
    found: dict[int, np.ndarray] = {}
    number, decoded = -1, 0
    for number, frame in enumerate(container.decode(stream)):
        # The frame size may change within a video.
        pixels = frame.width * frame.height
        decoded += pixels
        _check_pixels(pixels, len(wanted))
        _check_decoded(decoded, last)
        if (frame.time or 0) > MAX_VIDEO_SECONDS:
            raise PayloadTooLarge(f"The part to read is longer than {MAX_VIDEO_SECONDS} seconds.")
        if number in wanted:
            found[number] = frame.to_ndarray(format="rgb24")
        if number == last:
            break
    return found, number + 1


def _check_pixels(pixels: int, count: int) -> None:
    """Check the size that the file states, before a frame is decoded."""
    if pixels > MAX_PIXELS or pixels * count > MAX_VIDEO_PIXELS:
        raise PayloadTooLarge(
            f"{count} frames of {pixels:,} pixels; at most {MAX_VIDEO_PIXELS:,} pixels "
            f"are supported, and {MAX_PIXELS:,} per frame."
        )


def _check_decoded(pixels: int, last: int) -> None:
    """Check the total, since skipped frames are decoded as well."""
    if pixels > MAX_DECODED_PIXELS:
        raise PayloadTooLarge(
            f"{last + 1:,} frames have to be decoded, with {pixels:,} pixels or more; at most "
            f"{MAX_DECODED_PIXELS:,} are. Choose frames closer together, or a smaller video."
        )
