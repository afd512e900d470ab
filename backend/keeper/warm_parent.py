"""`python -m backend.keeper.warm_parent MODULE RUN_DIR FD`: imports once, then forks servers.

MODULE has `preload()`, which imports what its servers need, and `run(argv, env)`, which a forked
process calls and which does not return. The parent has one thread and never computes, since a
fork copies only the calling thread and its locks stay taken. It exits when FD, the connection of
the keeper, is closed.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NoReturn, cast

from backend.keeper import messages
from backend.keeper.child import Launch, report_failure, report_pipe, settle
from backend.keeper.messages import Message

_THREADS = Path("/proc/self/task")


def main() -> int:
    """Preload, report readiness, and fork servers until the connection is closed."""
    name, _, fd = sys.argv[1:]
    connection = socket.socket(fileno=int(fd))
    connection.set_inheritable(False)
    served = importlib.import_module(name)
    served.preload()
    if (threads := len(list(_THREADS.iterdir()))) != 1:
        sys.stderr.write(f"the warm parent has {threads} threads; servers start without it\n")
        return 1
    # What exists now is never collected, so that forked processes keep sharing its memory.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(ConnectionError):
        messages.send(connection, {"state": "ready"})
        while True:
            message, fds = messages.receive(connection)
            reply: Message
            try:
                reply = fork(served, _launch_of(message), fds[0], connection)
            except OSError as error:
                reply = {"failed": str(error)}
            for one in fds:
                os.close(one)
            messages.send(connection, reply)
    return 0


def fork(served: ModuleType, how: Launch, listener_fd: int, connection: socket.socket) -> Message:
    """Fork a server whose parent is the keeper, since the process in between exits at once."""
    sys.stdout.flush()
    sys.stderr.flush()
    read_end, write_end = report_pipe()
    between = os.fork()
    if between == 0:
        # Its descriptor is closed with all others, so that the object must not close it again.
        connection.detach()
        os.close(read_end)
        if os.fork() != 0:
            os._exit(0)
        _become(served, how, listener_fd, write_end)
    os.close(write_end)
    os.waitpid(between, 0)
    with os.fdopen(read_end, "rb") as report:
        pid, _, failure = report.read().partition(b"\n")
    if failure or not pid:
        return {"error": failure.decode(errors="replace") or "the process ended at once"}
    return {"pid": int(pid)}


def _become(served: ModuleType, how: Launch, listener_fd: int, report_fd: int) -> NoReturn:
    """Become the server, or report the error and exit. Never returns."""
    try:
        os.write(report_fd, f"{os.getpid()}\n".encode())
        report = settle(how, listener_fd, report_fd)
        # As Python sets them when it starts: a closed connection is an error, not the end.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(report)
    except BaseException as error:  # noqa: BLE001 - nothing may return into the parent's own code
        report_failure(error, report_fd)
        os._exit(127)
    try:
        served.run(how.argv, how.env)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    os._exit(1)


def _launch_of(message: Message) -> Launch:
    cgroup_procs, limit = message["cgroup_procs"], message["data_limit_bytes"]
    return Launch(
        folder=Path(str(message["folder"])),
        argv=[str(one) for one in cast("list[object]", message["argv"])],
        env={str(k): str(v) for k, v in cast("dict[object, object]", message["env"]).items()},
        cwd=str(message["cwd"]),
        data_limit_bytes=int(str(limit)) if limit is not None else None,
        cgroup_procs=Path(str(cgroup_procs)) if cgroup_procs else None,
    )


if __name__ == "__main__":
    sys.exit(main())
