"""Progress reporting of a step."""

import asyncio
from dataclasses import dataclass
from typing import Protocol


class Report(Protocol):
    """Passed to each step; its methods never block and may be called often."""

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        """Report a message; `fraction` (0 to 1) is the completed part of this step, if known.

        Details of download: bytes_done, bytes_total, bytes_per_second, eta_seconds, file.
        """
        ...

    def stalled(self, message: str, **details: object) -> None:
        """Report a stall, with what happens next. Any later call ends the stall."""
        ...

    def retrying(self, message: str, **details: object) -> None:
        """Report a failure that is retried automatically."""
        ...

    def line(self, text: str) -> None:
        """Write a line of a child process's output to the deployment's log only."""
        ...


@dataclass(frozen=True)
class Watch:
    """Where optional work reports its progress, and the event that ends it early."""

    report: Report
    skip: asyncio.Event


class Unheard:
    """A report of work that nobody watches."""

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        """See Report."""

    def stalled(self, message: str, **details: object) -> None:
        """See Report."""

    def retrying(self, message: str, **details: object) -> None:
        """See Report."""

    def line(self, text: str) -> None:
        """See Report."""
