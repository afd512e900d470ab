"""Checks the size of an AVIF image as it is coded, before it is decoded.

Pillow reports the size that the container states; libavif decodes an image of any coded size up to
268 megapixels and scales it to that. A file of 1 kB could cost gigabytes. FFmpeg refuses a coded
image above `max_pixels` from its first bytes.
"""

import io

import av
import av.error


def is_coded_within(body: bytes, max_pixels: int) -> bool:
    """Whether every image of an AVIF file can be decoded with at most `max_pixels` pixels each."""
    try:
        with av.open(
            io.BytesIO(body), format="mov", metadata_errors="ignore",
            options={"max_pixels": str(max_pixels)},
        ) as container:  # fmt: skip
            streams = container.streams.video
            return bool(streams) and all(s.codec_context.pix_fmt is not None for s in streams)
    except (av.error.FFmpegError, OSError, ValueError):
        return False
