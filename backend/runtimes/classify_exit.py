"""Map how a server ended to an error of the catalogue. Pure; its tests document the rules."""

import re
import signal

from pydantic import Field

from backend.domain.base import Value
from backend.errors import PlatformError, Problem, ProblemError
from backend.errors.model import MissingLibrary
from backend.errors.server import OutOfMemory, ServerDied

MEMORY_LINE = re.compile(
    r"Cannot allocate memory|can't allocate memory|std::bad_alloc|\bMemoryError\b|out of memory",
    re.IGNORECASE,
)
MODULE_LINE = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'")
NEAR_THE_LIMIT = 0.95


class Exit(Value):
    """What is known about how a server ended."""

    exit_code: int | None = Field(default=None, description="Null: killed, or unknown.")
    signal: int | None = None
    oom_kills: int = Field(default=0, description="As reported by its control group.")
    peak_bytes: int | None = None
    limit_bytes: int | None = None
    problem: Problem | None = Field(default=None, description="Reported by the server itself.")
    log_tail: list[str] = Field(default=[], description="Last lines, oldest first.")


def classify_exit(end: Exit) -> PlatformError:
    """The error shown to the user. A problem written by the server has priority over a guess."""
    if end.problem is not None:
        return ProblemError(end.problem)
    if _ran_out_of_memory(end):
        return OutOfMemory(_memory_detail(end))
    for line in reversed(end.log_tail):
        missing = MODULE_LINE.search(line)
        if missing and end.exit_code:
            library = missing.group(1).partition(".")[0]
            return MissingLibrary(
                f"The model server requires the library {library!r}.", extra=library
            )
    return ServerDied(f"The model server exited: {cause(end)}.")


def cause(end: Exit) -> str:
    """A short description, for example `killed by signal 9 (SIGKILL)`."""
    if end.signal is not None:
        known = {number.value: number.name for number in signal.Signals}
        name = known.get(end.signal)
        return f"killed by signal {end.signal}" + (f" ({name})" if name else "")
    if end.exit_code == 0:
        return "exited"
    if end.exit_code is not None:
        return f"exited with code {end.exit_code}"
    return "exited for an unknown reason"


def _ran_out_of_memory(end: Exit) -> bool:
    if end.oom_kills > 0:
        return True
    at_limit = (
        end.limit_bytes is not None
        and end.peak_bytes is not None
        and end.peak_bytes >= NEAR_THE_LIMIT * end.limit_bytes
    )
    if end.signal == signal.SIGKILL:
        return at_limit
    failed = end.exit_code != 0 or end.signal is not None
    return failed and any(MEMORY_LINE.search(line) for line in end.log_tail[-30:])


def _memory_detail(end: Exit) -> str:
    used = f"at most {_gb(end.peak_bytes)}" if end.peak_bytes else "more than its limit"
    limit = f" of {_gb(end.limit_bytes)}" if end.limit_bytes else ""
    return f"The model server used {used}{limit} and was killed: {cause(end)}."


def _gb(size: int) -> str:
    return f"{size / 10**9:.1f} GB"
