"""One output line per phase, with size and duration; commands with their output on failure."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SHOWN_LINES = 8
DROPPED = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")


class SetupFailed(Exception):
    """The setup cannot continue. The message states what failed and what to do."""


@dataclass
class Line:
    """The output line of a phase: `name  text  size  seconds`."""

    name: str
    text: str = ""
    bytes: int | None = None
    started: float = field(default_factory=time.monotonic)

    def render(self) -> str:
        size = human_size(self.bytes) if self.bytes else ""
        seconds = time.monotonic() - self.started
        return f"  {self.name:<9} {self.text:<58} {size:>7} {seconds:6.1f} s"


@contextmanager
def phase(name: str, doing: str, grows: Path | None = None) -> Iterator[Line]:
    """Print the line of the phase on success; on a terminal also `doing` while it runs.

    The size in the line is the growth of the folder `grows`, in bytes.
    """
    line = Line(name)
    before = folder_size(grows) if grows else 0
    terminal = sys.stdout.isatty()
    if terminal:
        print(f"  {name:<9} {doing} ...", end="", flush=True)
    try:
        yield line
    except BaseException:
        if terminal:
            print(flush=True)
        raise
    if grows:
        line.bytes = max(0, folder_size(grows) - before)
    print(("\r\033[K" if terminal else "") + line.render(), flush=True)


def human_size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def folder_size(folder: Path) -> int:
    """Total size of all files in `folder`, in bytes; 0 if missing. Symlinks are not followed."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total


def run(command: Sequence[str | Path], log: Path, cwd: Path) -> str:
    """Run `command`, append its output to `log` and return its standard output.

    Raises `SetupFailed` with the first and last lines if the exit status is not 0.
    """
    environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
    environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            close_fds=False,  # the child process inherits the lock of the setup
        )
    except OSError as error:
        raise SetupFailed(f"could not run `{shlex.join(words)}`: {error}") from error
    with log.open("a") as file:
        file.write(f"$ {shlex.join(words)}\n{done.stdout}{done.stderr}[exit {done.returncode}]\n")
    if done.returncode:
        raise SetupFailed(
            f"this command failed with exit status {done.returncode}:\n\n"
            f"    {shlex.join(words)}\n\n{head_and_tail(done.stdout + done.stderr)}\n\n"
            f"See {log} for the full output."
        )
    return done.stdout


def head_and_tail(text: str) -> str:
    """First and last lines: npm prints the reason first, pip last.

    Warnings of pip about the location of its configuration are removed.
    """
    lines = [
        line for line in text.splitlines() if line and not line.startswith("WARNING: Location")
    ]
    if len(lines) > 2 * SHOWN_LINES:
        lines[SHOWN_LINES:-SHOWN_LINES] = ["..."]
    return "\n".join(lines)
