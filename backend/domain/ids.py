"""Unique ids: sortable by creation time, safe as folder names."""

import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_last = [0]


def new_id(prefix: str) -> str:
    """Return `prefix_` and a ULID, 26 Crockford characters: 48 bits of time in ms, 80 random bits.

    Two ids from one process never have the same millisecond, so that they sort in creation order.
    """
    milliseconds = max(time.time_ns() // 1_000_000, _last[0] + 1)
    _last[0] = milliseconds
    number = (milliseconds << 80) | secrets.randbits(80)
    digits = [_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def utc_now() -> str:
    """Current time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
