"""Memory use of processes, in bytes."""

import contextlib
import re
from pathlib import Path

import psutil

from backend.domain.server import Enforcement, MemoryUse

PSS_LINE = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
PEAK_LINE = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def measure(pids: list[int], limits: list[int], enforcement: Enforcement | None) -> MemoryUse:
    """Sum over these processes and their descendants. Blocks for some milliseconds."""
    everyone = {pid for parent in pids for pid in _family(parent)}
    measured = [used for pid in everyone if (used := _used(pid)) is not None]
    peaks = [peak for pid in everyone if (peak := _peak(pid)) is not None]
    return MemoryUse.model_validate(
        {
            "measured_bytes": sum(measured) if measured else None,
            "peak_bytes": max(sum(peaks), sum(measured)) if measured else None,
            "limit_bytes": sum(limits) if limits else None,
            "enforcement": enforcement,
        }
    )


def _family(pid: int) -> list[int]:
    """Pids of the process and its descendants. The kernel's own list, where available, avoids a
    scan of every process."""
    with contextlib.suppress(OSError):
        found = [pid]
        for one in found:
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                found.extend(int(child) for child in children.read_text().split())
        if any(Path("/proc/self/task").glob("*/children")):
            return found
    with contextlib.suppress(psutil.Error):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _used(pid: int) -> int | None:
    """PSS: shared pages (mapped weights of several workers) are divided among the processes."""
    kilobytes = _number(Path(f"/proc/{pid}/smaps_rollup"), PSS_LINE)
    if kilobytes is not None:
        return kilobytes * 1024
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).memory_info().rss
    return None


def _peak(pid: int) -> int | None:
    kilobytes = _number(Path(f"/proc/{pid}/status"), PEAK_LINE)
    return kilobytes * 1024 if kilobytes is not None else None


def _number(path: Path, line: re.Pattern[str]) -> int | None:
    try:
        found = line.search(path.read_text())
    except OSError:
        return None
    return int(found.group(1)) if found else None
