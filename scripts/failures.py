"""Extract the failed tests from the output of pytest and vitest, to print them last in the log."""

from __future__ import annotations

import re
from collections.abc import Sequence

SHOWN = 6
WIDTH = 200
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
PYTEST = re.compile(r"(?:FAILED|ERROR) (?P<name>\S+.*?)(?: - (?P<error>.*))?")
VITEST = re.compile(r"\s*FAIL\s+(?P<name>\S.*)")


def failures(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Name and first error line of each failed test, in log order, without duplicates."""
    plain = [ESCAPES.sub("", line).rstrip() for line in lines]
    found: dict[str, str] = {}
    for number, line in enumerate(plain):
        if match := PYTEST.fullmatch(line):
            found.setdefault(match["name"], match["error"] or "")
        elif match := VITEST.fullmatch(line):
            found.setdefault(match["name"], _next_words(plain[number + 1 :]))
    return list(found.items())


def _next_words(lines: Sequence[str]) -> str:
    """First error line after a name; vitest prints one error below several names."""
    words = (line for line in lines if line and not VITEST.fullmatch(line))
    return next(words, "").strip()


def summary(lines: Sequence[str]) -> list[str]:
    """Up to `SHOWN` failed tests with their errors; the last three log lines if no test failed."""
    found = failures(lines)
    if not found:
        said = [ESCAPES.sub("", line).strip() for line in lines]
        return [line[:WIDTH] for line in said if line][-3:]
    told = [f"{name}: {error}" if error else name for name, error in found[:SHOWN]]
    more = len(found) - SHOWN
    return [line[:WIDTH] for line in told] + ([f"and {more} more"] if more > 0 else [])
