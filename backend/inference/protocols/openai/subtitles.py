"""Subtitles in SubRip and WebVTT format."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a text with its start and end time in seconds."""

    text: str
    start: float
    end: float


def srt(parts: Sequence[Part]) -> str:
    """SubRip (SRT): numbered from 1, with a comma before the milliseconds."""
    cues = [
        f"{number}\n{_clock(part.start, ',')} --> {_clock(part.end, ',')}\n{_line(part)}\n"
        for number, part in enumerate(parts, 1)
    ]
    return "\n".join(cues)


def vtt(parts: Sequence[Part]) -> str:
    """WebVTT (W3C), with a point before the milliseconds."""
    cues = [
        f"{_clock(part.start, '.')} --> {_clock(part.end, '.')}\n{_line(part)}\n" for part in parts
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _line(part: Part) -> str:
    """The text on one line, without the arrow that separates two times."""
    return " ".join(part.text.split()).replace("-->", "->")


def _clock(seconds: float, comma: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{thousandths:03}"
