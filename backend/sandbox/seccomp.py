"""seccomp: deny system calls that reach outside this process (Linux, x86-64 and ARM64).

The filter is a classic BPF program: https://docs.kernel.org/userspace-api/seccomp_filter.html.
Numbers: the kernel's tables of system calls. libseccomp, which Python packages load, is not on
every machine.
"""

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Collection
from dataclasses import dataclass

_SET_MODE_FILTER = 1
_ALL_THREADS = 1
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_X32 = 0x40000000


@dataclass(frozen=True)
class _Machine:
    audit: int
    seccomp: int
    numbers: dict[str, int]


# Network, other programs, other processes, kernel interfaces that a converter never needs.
_DENIED = {
    "x86_64": _Machine(
        0xC000003E,
        317,
        {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49,
            "listen": 50, "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59, "kill": 62,
            "ptrace": 101, "rt_sigqueueinfo": 129, "personality": 135, "mount": 165, "tkill": 200,
            "tgkill": 234, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272,
            "accept4": 288, "rt_tgsigqueueinfo": 297, "perf_event_open": 298,
            "open_by_handle_at": 304, "sendmmsg": 307, "setns": 308, "process_vm_readv": 310,
            "process_vm_writev": 311, "bpf": 321, "execveat": 322, "userfaultfd": 323,
            "pidfd_send_signal": 424, "io_uring_setup": 425, "pidfd_open": 434, "pidfd_getfd": 438,
        },
    ),
    "aarch64": _Machine(
        0xC00000B7,
        277,
        {
            "mount": 40, "personality": 92, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130,
            "tgkill": 131, "rt_sigqueueinfo": 138, "socket": 198, "socketpair": 199, "bind": 200,
            "listen": 201, "accept": 202, "connect": 203, "sendto": 206, "sendmsg": 211,
            "add_key": 217, "request_key": 218, "keyctl": 219, "execve": 221,
            "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "accept4": 242,
            "open_by_handle_at": 265, "setns": 268, "sendmmsg": 269, "process_vm_readv": 270,
            "process_vm_writev": 271, "bpf": 280, "execveat": 281, "userfaultfd": 282,
            "pidfd_send_signal": 424, "io_uring_setup": 425, "pidfd_open": 434, "pidfd_getfd": 438,
        },
    ),
}  # fmt: skip


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("code", ctypes.POINTER(_Instruction)))


def is_available() -> bool:
    """Whether this machine has a filter that `deny` can install."""
    return _machine() is not None


# What a server needs that serves an inherited socket.
SERVING = frozenset({"listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg"})


def deny(allowed: Collection[str] = ()) -> bool:
    """From now on, in all threads, denied calls fail with EPERM. False where not available.

    `allowed` are calls to except. Needs no_new_privs. Raises OSError.
    """
    machine = _machine()
    if machine is None:
        return False
    code = _filter(machine, allowed)
    program = _Program(len(code), (_Instruction * len(code))(*code))
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = (_SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program))
    if libc.syscall(machine.seccomp, *arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True


def _machine() -> _Machine | None:
    is_wide = sys.maxsize > 1 << 32
    return _DENIED.get(platform.machine()) if sys.platform == "linux" and is_wide else None


def _filter(machine: _Machine, allowed: Collection[str]) -> list[_Instruction]:
    numbers = sorted(number for name, number in machine.numbers.items() if name not in allowed)
    # Jumps count the instructions that are skipped; the last one denies, the one before it allows.
    tests = [
        _Instruction(_EQUAL, len(numbers) - index, 0, number)
        for index, number in enumerate(numbers)
    ]
    return [
        _Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _Instruction(_EQUAL, 1, 0, machine.audit),
        _Instruction(_RETURN, 0, 0, _KILL),
        _Instruction(_LOAD, 0, 0, _NUMBER),
        _Instruction(_AT_LEAST, len(numbers) + 1, 0, _X32),
        *tests,
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _ERROR | errno.EPERM),
    ]
