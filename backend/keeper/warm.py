"""The keeper's side of the warm parent: a process that has imported the libraries of model servers.

Servers forked from it start in a tenth of the time, and share its memory. It is started on request
and ends after idle time; it is a convenience, so that every fault only leads to a server that is
started without it.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from backend.keeper import messages
from backend.keeper.child import CannotStart, Launch, launch
from backend.keeper.messages import Message

FORK_SECONDS = 5.0
# A parent that could not start, for example for lack of memory, is not tried again for this long.
RETRY_SECONDS = 60.0
# Imports take seconds; a parent that needs longer than this hangs.
IMPORT_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class WarmOrder:
    """How to start the warm parent; `argv` gets the number of its connection appended."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    idle_seconds: float


class WarmParent:
    """The warm parent, or none. `fork` waits up to FORK_SECONDS for it, the others do not wait."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._pid: int | None = None
        self._order: WarmOrder | None = None
        self._started_at = 0.0
        self._state = "none"
        self._failed_at = -RETRY_SECONDS
        self._used_at = 0.0
        self._idle_seconds = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether servers can be forked now."""
        self._listen()
        return self._state == "ready"

    def ensure(self, order: WarmOrder) -> Message:
        """Start it, if there is none of this order. The response has its `state`: starting, ready
        or failed."""
        self._listen()
        if self._order is not None and self._order != order:
            self.end()
        self._idle_seconds = order.idle_seconds
        self._used_at = time.monotonic()
        is_retry = time.monotonic() - self._failed_at >= RETRY_SECONDS
        if self._state == "none" and is_retry:
            self._start(order)
        return {"state": "failed" if self._state == "none" else self._state}

    def fork(self, how: Launch, listener_fd: int) -> int:
        """Fork a server, which becomes a child of the keeper; return its pid.

        Without an answer of the parent the server is started afresh. Raises CannotStart.
        """
        self._used_at = time.monotonic()
        reply = self._ask(how, listener_fd)
        if reply is None or "failed" in reply:
            self._fail()
            return launch(how, listener_fd)
        if "error" in reply:
            raise CannotStart(str(reply["error"]))
        return int(str(reply["pid"]))

    def poll(self) -> None:
        """Notice that it is ready or has ended; end it after its idle time."""
        self._listen()
        now = time.monotonic()
        if self._state == "ready" and now - self._used_at > self._idle_seconds:
            self.end()
        elif self._state == "starting" and now - self._started_at > IMPORT_SECONDS:
            self._fail()

    def reaped(self, pid: int) -> None:
        """Forget the pid of the parent, if it is this one: the kernel may reuse it now."""
        if pid == self._pid:
            self._pid = None

    def end(self) -> None:
        """Kill it; servers that it forked stay."""
        if self._connection is not None:
            self._connection.close()
        if self._pid is not None:
            # Not reaped yet, so that the pid is its own.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._connection, self._order, self._state = None, None, "none"

    def _start(self, order: WarmOrder) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(FORK_SECONDS)
        try:
            # Never waited for: the loop of the keeper reaps every child.
            process = subprocess.Popen(
                [*order.argv, str(theirs.fileno())], cwd=order.cwd, env=order.env,
                pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            sys.stderr.write(f"the warm parent could not be started: {error}\n")
            ours.close()
            self._fail()
        else:
            self._connection, self._pid, self._state = ours, process.pid, "starting"
            self._order, self._started_at = order, time.monotonic()
        finally:
            theirs.close()

    def _ask(self, how: Launch, listener_fd: int) -> Message | None:
        if self._connection is None:
            return None
        group = str(how.cgroup_procs) if how.cgroup_procs else None
        fields: Message = {**asdict(how), "folder": str(how.folder), "cgroup_procs": group}
        with contextlib.suppress(OSError, ValueError):
            messages.send(self._connection, fields, [listener_fd])
            reply, fds = messages.receive(self._connection)
            for fd in fds:
                os.close(fd)
            return reply
        return None

    def _listen(self) -> None:
        """Read what it says of itself: that it is ready, or, by closing, that it has ended."""
        if self._connection is None:
            return
        waiting = select.poll()
        waiting.register(self._connection, select.POLLIN)
        if not waiting.poll(0):
            return
        try:
            messages.receive(self._connection)
        except (OSError, ValueError):
            self._fail()
        else:
            self._state = "ready"

    def _fail(self) -> None:
        self.end()
        self._failed_at = time.monotonic()
