"""The pipes of a worker process, on its side: it outlives neither its parent nor its job."""

import os
from collections.abc import Callable
from typing import TextIO


def own_stdout() -> TextIO:
    """Take standard output for the lines of this process: what libraries print goes to stderr."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


def end_with_parent(on_input: Callable[[], object] = bool) -> None:
    """Exit when standard input closes; run in a daemon thread. `on_input` is called for input."""
    # Not through sys.stdin: a thread that holds its buffer would break interpreter shutdown.
    while os.read(0, 4096):
        on_input()
    os._exit(0)
