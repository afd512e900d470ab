"""Start a model server: everything between fork and exec, or fork and the code of the server.

New session, control group, limits, log, lock, no other descriptors, no new privileges.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

LISTENER_FD = 3
LOCK_FD = 4
_REPORT_FD = 5
# Descriptors from here on are in nobody's way while 0 to 5 are placed.
_FREE_FD = 16
FILES = 65536
DATA_HEADROOM_BYTES = 500_000_000
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Everything needed to start one server. `argv` contains `--fd 3`, the listener's number."""

    folder: Path
    argv: list[str]
    env: dict[str, str]
    cwd: str
    data_limit_bytes: int | None
    cgroup_procs: Path | None


class CannotStart(Exception):
    """The child failed before exec."""


def launch(how: Launch, listener_fd: int) -> int:
    """Fork, set up, exec. Return the pid once exec has succeeded. Raises CannotStart."""
    read_end, write_end = report_pipe()
    pid = os.fork()
    if pid == 0:
        _become(how, listener_fd, write_end)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as report:
        failure = report.read()
    if failure:
        os.waitpid(pid, 0)
        raise CannotStart(failure.decode(errors="replace"))
    return pid


def process_control(option: int, value: int) -> None:
    """Call prctl on Linux; no-op elsewhere. Neither option used here fails on a current kernel."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def report_pipe() -> tuple[int, int]:
    """Read and write end of a pipe for what a new process reports until it is set up.

    The write end has a number above those that `settle` gives.
    """
    read_end, write_end = os.pipe()
    moved = fcntl.fcntl(write_end, fcntl.F_DUPFD_CLOEXEC, _FREE_FD)
    os.close(write_end)
    return read_end, moved


def settle(how: Launch, listener_fd: int, report_fd: int) -> int:
    """Set up this new process for the code of the server; return the report's new descriptor."""
    signal.set_wakeup_fd(-1)
    os.setsid()
    _place_descriptors(how.folder, listener_fd, report_fd)
    _take_lock()
    _limit(how)
    _reset_signals()
    os.umask(0o077)
    os.chdir(how.cwd)
    return _REPORT_FD


def _become(how: Launch, listener_fd: int, report_fd: int) -> NoReturn:
    """Become the server, or report the error to the parent and exit. Never returns."""
    try:
        settle(how, listener_fd, report_fd)
        os.execve(how.argv[0], how.argv, how.env)  # noqa: S606
    except BaseException as error:  # noqa: BLE001 - nothing may return into the keeper's own code
        report_failure(error, report_fd)
    os._exit(127)


def report_failure(error: BaseException, report_fd: int) -> None:
    """Write the error to the report: `report_fd` is closed once the descriptors are placed."""
    text = f"{type(error).__name__}: {error}".encode()
    for fd in (report_fd, _REPORT_FD):
        with contextlib.suppress(OSError):
            os.write(fd, text)
            return


def _place_descriptors(folder: Path, listener_fd: int, report_fd: int) -> None:
    """0 to 2: /dev/null, log, log; 3: listener; 4: lock; 5: the pipe that exec closes."""
    log = os.open(folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    wanted = (nothing, log, log, listener_fd, lock, report_fd)
    # First move all above the target numbers, so that no dup2 overwrites one of them.
    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD, _FREE_FD) for fd in wanted]
    for target, fd in enumerate(moved):
        os.dup2(fd, target, inheritable=target != _REPORT_FD)
    os.closerange(_REPORT_FD + 1, _open_limit())


def _take_lock() -> None:
    """Hold the lock for life, exec included. Retry: `lock_is_held` takes it for a moment."""
    for _ in range(200):
        try:
            fcntl.flock(LOCK_FD, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.005)
        else:
            return
    message = "another process holds the lock of this server"
    raise RuntimeError(message)


def _limit(how: Launch) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if how.data_limit_bytes is not None:
        # Private memory only: RLIMIT_AS would also count reserved, never used address space.
        resource.setrlimit(resource.RLIMIT_DATA, (how.data_limit_bytes, how.data_limit_bytes))
    if how.cgroup_procs is not None:
        how.cgroup_procs.write_text("0")
    _first_choice_of_the_oom_killer()
    process_control(PR_SET_NO_NEW_PRIVS, 1)


def _first_choice_of_the_oom_killer() -> None:
    """When the host runs out of memory, kill a model server before the control plane."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _reset_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _open_limit() -> int:
    return max(os.sysconf("SC_OPEN_MAX"), 1024)
