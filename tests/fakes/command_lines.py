"""Command lines of processes that may end at any moment."""

import psutil


def command_of(process: psutil.Process) -> list[str]:
    """Its words; empty if it has ended, also if nobody has waited for it yet."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
