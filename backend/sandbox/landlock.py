"""Landlock: restrict which files this process can open (Linux 5.13 and later).

Constants and structures: https://docs.kernel.org/userspace-api/landlock.html. The packages that
wrap it are alpha versions; this module needs three system calls.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

# The numbers are the same on all architectures.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_FIRST_VERSION = (1 << 13) - 1
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_TCP = 0b11
_SCOPES = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("directory", ctypes.c_int32))


def version() -> int:
    """Version of the kernel's interface; 0 without Landlock."""
    if sys.platform != "linux":
        return 0
    return max(_call(_CREATE_RULESET, None, 0, _VERSION), 0)


def restrict(read: Iterable[Path], write: Iterable[Path]) -> bool:
    """From now on this thread, and those it starts, can open only files below these paths.

    `read` gives reading and listing, `write` everything except executing. TCP connections, abstract
    Unix sockets and signals to other processes are also denied where the kernel can do it. Returns
    False without Landlock; paths that do not exist are skipped. Needs no_new_privs. Raises OSError.
    """
    level = version()
    if level == 0:
        return False
    handled = _rights(level)
    rules = _Ruleset(handled, _TCP if level >= 4 else 0, _SCOPES if level >= 6 else 0)
    size = 24 if level >= 6 else 16 if level >= 4 else 8
    ruleset = _checked(_call(_CREATE_RULESET, ctypes.byref(rules), size, 0))
    try:
        for path in read:
            _allow(ruleset, path, handled & (_READ_FILE | _READ_DIR))
        for path in write:
            _allow(ruleset, path, handled & ~_EXECUTE)
        _checked(_call(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return True


def _rights(level: int) -> int:
    newer = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEVICE))
    return _FIRST_VERSION | sum(right for since, right in newer if level >= since)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = _PathBeneath(rights if path.is_dir() else rights & _FOR_FILES, place)
        _checked(_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(number, *arguments)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
