"""Start the keeper of one run directory in the background and exit.

Safe to run more than once: `keeper.lock` allows one keeper per run directory.
"""

import argparse
import fcntl
import os
import signal
import socket
import sys
from pathlib import Path

from backend.keeper import messages
from backend.keeper.child import PR_SET_CHILD_SUBREAPER, process_control
from backend.keeper.keeper import Keeper

LOG_CAP_BYTES = 2_000_000


def main() -> int:
    """Return 0 when a keeper runs in the run directory: this one, or one that ran before."""
    parser = argparse.ArgumentParser(prog="backend.keeper", description=__doc__)
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--idle-seconds", type=float, default=60.0)
    options = parser.parse_args()
    run_dir: Path = options.run_dir.absolute()
    os.umask(0o077)
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(run_dir / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    door = _open_door(run_dir / "keeper.sock")
    if os.fork() != 0:
        # The control socket listens already, so the caller can connect as soon as we exit.
        os._exit(0)
    _detach(run_dir / "keeper.log")
    Keeper(run_dir, door, options.idle_seconds).run()
    (run_dir / "keeper.sock").unlink(missing_ok=True)
    return 0


def _open_door(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with messages.short_path(path) as name:
        door.bind(name)
    path.chmod(0o600)
    door.listen(128)
    door.setblocking(False)
    return door


def _detach(log: Path) -> None:
    """Start a new session, so that neither Ctrl-C nor a closed terminal signals the keeper."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    if log.exists() and log.stat().st_size > LOG_CAP_BYTES:
        log.unlink()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, fd in enumerate((nothing, out, out)):
        os.dup2(fd, target)
    for fd in (nothing, out):
        os.close(fd)
    os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())
