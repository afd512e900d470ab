"""Checks the coded size of an AVIF image before it is decoded.

Pillow reports the size that the container states, but libavif decodes an image of any coded size
up to 268 megapixels and scales it. A file of 1 kB could require gigabytes of memory. FFmpeg
rejects a coded image above `max_pixels` after reading its first bytes.
"""

import io

import av
import av.error


def is_coded_within(body: bytes, max_pixels: int) -> bool:
    """Return whether each image of an AVIF file has at most `max_pixels` coded pixels."""
    try:
        with av.open(
            io.BytesIO(body), format="mov", metadata_errors="ignore",
            options={"max_pixels": str(max_pixels)},
        ) as container:  # fmt: skip
            streams = container.streams.video
            return bool(streams) and all(s.codec_context.pix_fmt is not None for s in streams)
    except (av.error.FFmpegError, OSError, ValueError):
        return False
