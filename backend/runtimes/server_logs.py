"""Read a server's log while it is written and rotated (see keeper/logfile.py)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

BLOCK_BYTES = 256 * 1024
TAIL_BYTES = 4 * 1024 * 1024
POLL_SECONDS = 0.25


def last_lines(log: Path, count: int) -> list[str]:
    """The last `count` lines, oldest first; continues in `.1` if the log was just rotated."""
    lines: list[str] = []
    for part in (log, log.with_name(f"{log.name}.1")):
        if len(lines) < count:
            lines = _tail(part, count - len(lines)) + lines
    return lines


async def follow(
    log: Path, tail: int, has_ended: Callable[[], bool], prefix: str = ""
) -> AsyncIterator[str]:
    """Yield the last `tail` lines, then new ones until the server is gone and all is read."""
    position = _size(log)
    for line in await asyncio.to_thread(last_lines, log, tail):
        yield prefix + line
    rest = b""
    while True:
        over = has_ended()
        position, data = await asyncio.to_thread(_read_from, log, position)
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield prefix + line.decode(errors="replace")
        if data:
            continue
        if over:
            break
        await asyncio.sleep(POLL_SECONDS)
    if rest:
        yield prefix + rest.decode(errors="replace")


def _tail(log: Path, count: int) -> list[str]:
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            data = file.read(TAIL_BYTES)
    except OSError:
        return []
    lines = data.decode(errors="replace").splitlines()
    return lines[-count:] if count > 0 else []


def _read_from(log: Path, position: int) -> tuple[int, bytes]:
    try:
        with log.open("rb") as file:
            if file.seek(0, 2) < position:
                position = 0
            file.seek(position)
            data = file.read(BLOCK_BYTES)
    except OSError:
        return position, b""
    return position + len(data), data


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0
