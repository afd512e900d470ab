"""Texts with times, written as subtitles."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a text and where it lies, in seconds."""

    text: str
    start: float
    end: float


def srt(parts: Sequence[Part]) -> str:
    """SubRip: numbered from 1, a comma before the milliseconds."""
    cues = [
        f"{number}\n{_clock(part.start, ',')} --> {_clock(part.end, ',')}\n{_line(part)}\n"
        for number, part in enumerate(parts, 1)
    ]
    return "\n".join(cues)


def vtt(parts: Sequence[Part]) -> str:
    """WebVTT."""
    cues = [
        f"{_clock(part.start, '.')} --> {_clock(part.end, '.')}\n{_line(part)}\n" for part in parts
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _line(part: Part) -> str:
    """One line, in which nothing looks like the arrow between two times."""
    return " ".join(part.text.split()).replace("-->", "->")


def _clock(seconds: float, comma: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{comma}{thousandths:03}"
