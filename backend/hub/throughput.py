"""Bytes, speed and remaining time of a download, as numbers and as text."""

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 5.0
# Before this much time has passed, the remaining time would be a guess.
_ETA_AFTER = 3.0


class Throughput:
    """Counts bytes on disk and bytes received; for use in one event loop, not thread-safe."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.fetched = 0
        self._have: dict[str, int] = {}
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._first: float | None = None
        self._file = ""

    def have(self, file: str, size: int) -> None:
        """Set the number of bytes of this file on disk."""
        self._have[file] = size

    def received(self, file: str, count: int) -> None:
        """Add bytes of this file that were just received."""
        if self._first is None:
            self._first = self._clock()
            self._marks = deque([(self._first, 0)])
        self.fetched += count
        self._have[file] = self._have.get(file, 0) + count
        self._file = file

    @property
    def done(self) -> int:
        """Bytes on disk over all files."""
        return min(sum(self._have.values()), self.total)

    def details(self) -> dict[str, str | int | float | None]:
        """The fields of a progress event."""
        speed = self._speed()
        return {
            "bytes_done": self.done,
            "bytes_total": self.total,
            "bytes_per_second": round(speed),
            "eta_seconds": self._eta(speed),
            "file": self._file,
        }

    def message(self) -> str:
        """For example `model.safetensors 182 of 268 MB, 41 MB/s, 2 s left`."""
        speed = self._speed()
        eta = self._eta(speed)
        parts = [f"{self._file or 'files'} {of(self.done, self.total)}"]
        if speed >= 1:
            parts.append(f"{amount(speed)}/s")
        if eta is not None:
            parts.append(f"{duration(eta)} left")
        return ", ".join(parts)

    def _speed(self) -> float:
        now = self._clock()
        self._marks.append((now, self.fetched))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()
        since, before = self._marks[0]
        return (self.fetched - before) / (now - since) if now > since else 0.0

    def _eta(self, speed: float) -> float | None:
        if self._first is None or self._clock() - self._first < _ETA_AFTER or speed < 1000:
            return None
        return round((self.total - self.done) / speed, 1)


def amount(size: float) -> str:
    """Bytes as text, in powers of ten: `1.2 GB`, `41 MB`, `700 kB`."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            value = size / factor
            return f"{value:.1f} {unit}" if value < 10 and unit != "kB" else f"{value:.0f} {unit}"
    return f"{size:.0f} B"


def of(part: int, whole: int) -> str:
    """`182 of 268 MB`: both numbers in the unit of the second."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if whole >= factor:
            digits = 1 if whole / factor < 10 else 0
            return f"{part / factor:.{digits}f} of {whole / factor:.{digits}f} {unit}"
    return f"{part} of {whole} B"


def duration(seconds: float) -> str:
    """Seconds as text: `2 s`, `3 min`, `1.5 h`."""
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
