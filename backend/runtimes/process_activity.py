"""Activity of a server's process from /proc: stopped, waiting for a disk, computing or idle.

Linux only; elsewhere activity is unknown, and only the server's probe responses count.
"""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name: state, then user and system time in clock ticks.
STATE, USER_TICKS, SYSTEM_TICKS = 0, 11, 12
STOPPED = frozenset("Tt")


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A sample of a process.

    `states`: one letter for each thread, as in proc(5); the first is that of the process.
    `cpu_seconds`: CPU time of all its threads so far.
    """

    states: str
    cpu_seconds: float

    @property
    def is_stopped(self) -> bool:
        """Whether the process is stopped by a signal or a debugger: none of its threads runs."""
        return self.states[:1] in STOPPED

    @property
    def waits_for_disk(self) -> bool:
        """Whether a thread is in an uninterruptible wait: a disk, a network file, swap."""
        return "D" in self.states


def observe(pid: int) -> Activity | None:
    """Sample a process; None if it is gone or the system has no /proc."""
    try:
        whole = _fields(PROC / str(pid) / "stat")
        threads = [_fields(task / "stat")[STATE] for task in (PROC / str(pid) / "task").iterdir()]
    except (OSError, IndexError):
        return None
    ticks = int(whole[USER_TICKS]) + int(whole[SYSTEM_TICKS])
    return Activity(states="".join([whole[STATE], *threads]), cpu_seconds=ticks / TICKS_PER_SECOND)


def _fields(path: Path) -> list[str]:
    return path.read_text(errors="replace").rpartition(")")[2].split()
