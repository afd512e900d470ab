"""Keeping server logs small without the server's help: copy, then truncate (it appends)."""

import contextlib
import os
from pathlib import Path

CAP_BYTES = 20_000_000
KEPT = 2


def keep_small(log: Path, cap_bytes: int = CAP_BYTES) -> bool:
    """Over the cap: the last part goes to `.1`, `.1` to `.2`. Says whether it did.

    What is written between copy and truncate is lost: the price of a log without a pipe, which
    would break with whoever reads it.
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
