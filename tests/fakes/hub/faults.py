"""Faults of the fake Hub, enabled per path."""

import fnmatch
import threading
from dataclasses import asdict, dataclass, field
from typing import Literal

Kind = Literal[
    "drop", "stall", "drip", "status", "wrong", "truncated", "ignore-range", "throttle",
    "redirect", "no-answer", "gzip-bomb",
]  # fmt: skip


@dataclass
class Fault:
    """One fault. `path` is a pattern on the request's path; `times` counts down, None is for ever.

    drop: close after `after` bytes · stall: send nothing after `after` bytes · drip: one byte each
    second after `after` · status: return `status` with `retry_after` · wrong: last byte flipped ·
    truncated: claims and sends only `after` bytes · ignore-range: 200 with the whole file ·
    throttle: `rate` bytes a second after `after` bytes, until it is switched off · redirect: to
    `location` (an origin) · no-answer: accept and send nothing · gzip-bomb: a small response that
    unpacks to 200 MB.
    """

    kind: Kind
    path: str = "*/resolve/*"
    times: int | None = None
    after: int = 0
    status: int = 503
    retry_after: int | None = None
    rate: int = 1_000_000
    location: str = ""
    code: str = ""


@dataclass(frozen=True)
class RecordedRequest:
    """One recorded request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclass
class Faults:
    """Active faults and recorded requests. Shared by the threads of the server."""

    active: list[Fault] = field(default_factory=list)
    seen: list[RecordedRequest] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, path: str) -> dict[Kind, Fault]:
        """The faults of this request; those with a count are used up."""
        with self._lock:
            found: dict[Kind, Fault] = {}
            for fault in self.active:
                if fault.times != 0 and fnmatch.fnmatch(path, fault.path):
                    found[fault.kind] = fault
                    if fault.times is not None:
                        fault.times -= 1
            return found

    def note(self, seen: RecordedRequest) -> None:
        with self._lock:
            self.seen.append(seen)

    def count(self, path: str, size: int) -> None:
        with self._lock:
            self.sent[path] = self.sent.get(path, 0) + size

    def as_json(self) -> dict[str, object]:
        with self._lock:
            return {
                "faults": [asdict(fault) for fault in self.active],
                "seen": [asdict(one) for one in self.seen],
                "sent": dict(self.sent),
            }
