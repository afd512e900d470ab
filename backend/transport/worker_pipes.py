"""The pipes of a worker process, on its side: it outlives neither its parent nor its job."""

import os
from typing import TextIO


def own_stdout() -> TextIO:
    """Take standard output for the lines of this process: what libraries print goes to stderr."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


def end_with_parent() -> None:
    """Exit when standard input closes; run in a daemon thread."""
    # Not through sys.stdin: a thread that holds its buffer would break interpreter shutdown.
    while os.read(0, 4096):
        pass
    os._exit(0)
