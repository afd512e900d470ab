"""Current hardware facts of this machine. Never imports torch."""

import ctypes
import importlib.util
import os
import platform
import re
from functools import cache
from pathlib import Path

import psutil

from backend.domain.machine import Machine
from backend.host.accelerators import accelerators

_CPUINFO = Path("/proc/cpuinfo")
_CGROUP = Path("/sys/fs/cgroup")
# Memory limit and use of this container, version 2 then version 1.
_MEMORY_FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
_HARDWARE_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
_X86 = frozenset({"x86_64", "AMD64", "amd64"})
_OPENMP = "libgomp.so.1"
# Version 1 represents "no limit" as a number near 2**63.
_NO_LIMIT = 1 << 60


def machine(disk: Path) -> Machine:
    """All facts; `disk` is a directory on the file system of the downloads."""
    total, free = memory()
    usage = psutil.disk_usage(str(_existing(disk)))
    return Machine(
        platform=f"{platform.system()} {platform.machine()}",
        cpu=cpu_name(),
        cores=cores(),
        memory_bytes=total,
        memory_free_bytes=free,
        disk_bytes=usage.total,
        disk_free_bytes=usage.free,
        has_bfloat16=has_bfloat16(),
        openvino_problem=openvino_problem(),
        llama_cpp_problem=llama_cpp_problem(),
        accelerators=accelerators(total, free),
    )


def memory() -> tuple[int, int]:
    """Total and available bytes; those of the container if its limit is below the host's."""
    host = psutil.virtual_memory()
    limit, used = container_memory()
    if limit is None or limit >= host.total:
        return host.total, host.available
    return limit, max(min(host.available, limit - used), 0)


def container_memory(root: Path = _CGROUP) -> tuple[int | None, int]:
    """Memory limit and use of our control group, in bytes; None: no limit."""
    for limit_name, used_name in _MEMORY_FILES:
        limit = _number(root / limit_name)
        if limit is not None and limit < _NO_LIMIT:
            return limit, _number(root / used_name) or 0
    return None, 0


def cores(root: Path = _CGROUP) -> int:
    """Usable CPU cores: the affinity, or the container's quota, rounded up, if that is less."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        allowed = os.cpu_count() or 1
    quota, period = _quota(root)
    return max(min(allowed, -(-quota // period)), 1) if quota else allowed


def _quota(root: Path) -> tuple[int, int]:
    two = _text(root / "cpu.max").split()
    if len(two) == 2 and two[0].isdigit():
        return int(two[0]), int(two[1])
    quota, period = _number(root / "cpu/cpu.cfs_quota_us"), _number(root / "cpu/cpu.cfs_period_us")
    return (quota, period) if quota and quota > 0 and period else (0, 1)


@cache
def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """Model name of the CPU, as the system reports it."""
    found = re.search(r"^model name\s*:\s*(\S.*)$", _text(cpuinfo), re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


@cache
def has_bfloat16(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the CPU has bfloat16 instructions; without them bfloat16 is slow."""
    return not _HARDWARE_BFLOAT16.isdisjoint(_instructions(cpuinfo))


@cache
def openvino_problem() -> str | None:
    """Why OpenVINO cannot run here; None if it can. Elsewhere it is not faster than torch."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return "OpenVINO is used on x86-64 processors only."
    if importlib.util.find_spec("openvino") is None:
        return "OpenVINO is not installed. Run the set-up again."
    return None


def llama_cpp_problem(cpuinfo: Path = _CPUINFO) -> str | None:
    """Why the wheel of llama.cpp does not run here, or None.

    It would end with an illegal instruction, and a missing library would be found out only when
    the server starts.
    """
    if platform.machine() in _X86 and _instructions(cpuinfo).isdisjoint({"avx2"}):
        return "The CPU has no AVX2 instructions, which llama.cpp requires."
    if platform.system() == "Linux" and not _has_library(_OPENMP):
        return f"The library {_OPENMP} is missing (package libgomp1 or libgomp)."
    return None


def _instructions(cpuinfo: Path) -> frozenset[str]:
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", _text(cpuinfo), re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.removeprefix("-").isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
