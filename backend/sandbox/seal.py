"""Seal this process before it reads data that may be hostile. Cannot be undone."""

import os
import resource
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.sandbox import landlock, seccomp

_NO_NEW_PRIVILEGES = 38
_NOBODY = 65534
# What the C library and torch read beside Python's own files.
_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache",
           "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/self", "/proc/cpuinfo",
           "/proc/meminfo", "/sys/devices/system")  # fmt: skip
# Time zones and media types of responses, memory limits, GPUs.
_SERVER = ("/usr/share/zoneinfo", "/etc/mime.types", "/proc/driver", "/proc/devices",
           "/sys/fs/cgroup", "/sys/class", "/sys/bus", "/usr/local/cuda")  # fmt: skip
_DEVICES = ("nvidia*", "dri", "kfd", "shm")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`read` can be read in addition to Python's own files, `write` is the only writable folder.

    Sizes in bytes: of private memory, and of the largest file that may be written.
    """

    read: tuple[Path, ...]
    write: Path
    memory_bytes: int
    file_bytes: int


def kinds() -> list[str]:
    """What always seals a process on this machine: `system calls`, `files`.

    Whether it can change its `user` is known only when it does.
    """
    possible = {
        "system calls": seccomp.is_available(),
        "files": landlock.version() > 0,
    }
    return [name for name, is_possible in possible.items() if is_possible]


def seal(limits: Limits) -> list[str]:
    """Seal the calling thread and those it starts; return the kinds that apply.

    No core dumps, limited memory and file size; then, where the system allows it: another user,
    only the given files, no network, no other programs and no signals. The current folder becomes
    `write`; use relative paths for it. Call it before starting threads. Raises OSError if the
    system refuses a kind that it has.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    if sys.platform != "linux":
        return []
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    os.chdir(limits.write)
    _forbid_new_privileges()
    python = tuple(_python())
    has_user = _nobody_can_read((*python, *limits.read))
    found: list[str] = []
    # Opens all paths: before the change to a user that may have no access to their parents.
    if landlock.restrict((*python, *map(Path, _SYSTEM), *limits.read), (limits.write,)):
        found.append("files")
    if has_user:
        _become_nobody(limits.write)
        found.append("user")
    if seccomp.deny():
        found.append("system calls")
    return found


def seal_server(read: Iterable[Path], write: Iterable[Path]) -> list[str]:
    """Seal a server that runs code of a model; return the kinds that apply.

    It can serve the sockets it has, and open none. The user stays, since the files of the server
    belong to it. Raises OSError if the system refuses a kind that it has.
    """
    if sys.platform != "linux":
        return []
    _forbid_new_privileges()
    found: list[str] = []
    devices = [path for pattern in _DEVICES for path in Path("/dev").glob(pattern)]
    readable = (*_python(), *map(Path, (*_SYSTEM, *_SERVER)), *read)
    if landlock.restrict(readable, (*write, *devices)):
        found.append("files")
    if seccomp.deny(seccomp.SERVING):
        found.append("system calls")
    return found


def _python() -> Iterable[Path]:
    """Folders with Python's modules and libraries; the project's own folder only as far as code."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    yield from {Path(sysconfig.get_path(name)).resolve() for name in names}
    yield Path(sys.base_prefix, "lib").resolve()
    yield Path(__file__).resolve().parents[1]


def _nobody_can_read(paths: tuple[Path, ...]) -> bool:
    """Whether we are root, and the user without rights can read these files and folders."""
    if os.geteuid() != 0:
        return False
    os.seteuid(_NOBODY)
    try:
        return all(os.access(path, os.R_OK, effective_ids=True) for path in paths if path.exists())
    except PermissionError:
        return False
    finally:
        os.seteuid(0)


def _become_nobody(folder: Path) -> None:
    os.chown(folder, _NOBODY, _NOBODY)
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _forbid_new_privileges() -> None:
    import ctypes  # noqa: PLC0415 - not on every platform

    ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
