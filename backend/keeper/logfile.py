"""Rotate server logs without the server's cooperation: copy, then truncate (it appends)."""

import contextlib
import os
from pathlib import Path

CAP_BYTES = 20_000_000
KEPT = 2


def keep_small(log: Path, cap_bytes: int = CAP_BYTES) -> bool:
    """Rotate a log larger than the cap: its end to `.1`, `.1` to `.2`. Return whether it did.

    Lines written between copy and truncate are lost. A pipe would not lose them, but would break
    when its reader ends.
    """
    try:
        if log.stat().st_size <= cap_bytes:
            return False
        for number in range(KEPT, 1, -1):
            with contextlib.suppress(FileNotFoundError):
                _numbered(log, number - 1).replace(_numbered(log, number))
        with log.open("rb") as source, _numbered(log, 1).open("wb") as copy:
            source.seek(-min(cap_bytes, log.stat().st_size), os.SEEK_END)
            copy.write(source.read(cap_bytes))
        os.truncate(log, 0)
    except OSError:
        return False
    return True


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
