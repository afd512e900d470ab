"""CPU cores: everything under test runs on one, the client on another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from dataclasses import dataclass


@dataclass(frozen=True)
class Cores:
    """Core of the servers and of the offline limits, and core of the client."""

    server: int
    client: int

    @property
    def are_apart(self) -> bool:
        """Whether server and client do not compete for one core."""
        return self.server != self.client


def can_pin() -> bool:
    """Whether the system lets a process choose its cores (Linux)."""
    return hasattr(os, "sched_setaffinity")


def choose() -> Cores:
    """Choose the first two cores that this process may use; the same one twice if there is one."""
    allowed = sorted(os.sched_getaffinity(0)) if can_pin() else [0, 1]
    return Cores(server=allowed[0], client=allowed[1] if len(allowed) > 1 else allowed[0])


@contextlib.contextmanager
def on_core(*cores: int) -> Generator[None]:
    """Run the calling thread on these cores; processes that it starts in the block inherit them."""
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
