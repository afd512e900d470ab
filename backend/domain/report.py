"""How a step says what it is doing."""

from typing import Protocol


class Report(Protocol):
    """Passed to each step as its first argument; never blocks and may be called often."""

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        """Say something. `fraction` (0 to 1) is how much of this step is done, where it is known.

        Details of download: bytes_done, bytes_total, bytes_per_second, eta_seconds, file.
        """
        ...

    def stalled(self, message: str, **details: object) -> None:
        """Nothing has moved for a while; says what happens next. Any later call ends the stall."""
        ...

    def retrying(self, message: str, **details: object) -> None:
        """Something failed and is tried again by itself."""
        ...

    def line(self, text: str) -> None:
        """For the deployment's log alone: what a child process printed."""
        ...
