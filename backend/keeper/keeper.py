"""The event loop of the keeper: requests, exits and periodic checks."""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from backend.keeper import messages, requests, servers
from backend.keeper.child import CannotStart
from backend.keeper.messages import Message
from backend.keeper.ports import CannotBind
from backend.keeper.registry import Registry
from backend.keeper.requests import BadRequest, text

TICK_SECONDS = 0.5
Reply = tuple[Message, list[int]]


class Keeper:
    """Owns the control socket (`keeper.sock`), its connections and the registry."""

    def __init__(self, run_dir: Path, door: socket.socket, idle_seconds: float) -> None:
        self._run_dir = run_dir
        self._door = door
        self._idle_seconds = idle_seconds
        self._holdings = Registry(run_dir)
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, tuple[bytes, list[int]]] = {}
        self._watchers: set[socket.socket] = set()
        self._pidfds: set[int] = set()
        self._last_needed = time.monotonic()
        self._kill_at: float | None = None
        self._ended = False

    def run(self) -> None:
        """Run until `shutdown` or SIGTERM, or until nothing has been held for `idle_seconds`.

        SIGTERM ends only the keeper: servers keep running, and the next keeper adopts them.
        """
        wake, waker = socket.socketpair()
        for end in (wake, waker):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        self._selector.register(self._door, selectors.EVENT_READ, self._welcome)
        self._selector.register(wake, selectors.EVENT_READ, lambda: wake.recv(4096))
        self._holdings.search()
        next_poll = time.monotonic()
        while not self._ended:
            for key, _ in self._selector.select(TICK_SECONDS):
                with contextlib.suppress(BlockingIOError):
                    key.data()
            self._announce(self._holdings.reap())
            if time.monotonic() >= next_poll or self._kill_at is not None:
                next_poll = time.monotonic() + TICK_SECONDS
                self._poll()
        self._holdings.close()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        """SIGCHLD only has to wake up the loop, which then reaps the child."""
        if number == signal.SIGTERM:
            self._ended = True

    def _poll(self) -> None:
        self._announce(self._holdings.poll())
        self._watch_pidfds()
        now = time.monotonic()
        if self._kill_at is not None:
            if not self._holdings.has_servers:
                self._ended = True
            elif now >= self._kill_at:
                self._holdings.signal_all(signal.SIGKILL)
        if self._buffers or not self._holdings.is_empty:
            self._last_needed = now
        elif now - self._last_needed >= self._idle_seconds:
            self._ended = True

    def _watch_pidfds(self) -> None:
        """Wake up when an adopted server ends, instead of up to half a second later."""
        wanted = set(self._holdings.pidfds)
        for fd in wanted - self._pidfds:
            self._selector.register(fd, selectors.EVENT_READ, self._poll)
        for fd in self._pidfds - wanted:
            # The descriptor is closed already; only the selector still has its number.
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(fd)
        self._pidfds = wanted

    def _announce(self, ended: list[servers.Exit]) -> None:
        for record in ended:
            for connection in list(self._watchers):
                self._send(connection, {"event": "exited", **asdict(record)}, [])

    # Connections -----------------------------------------------------------------------------

    def _welcome(self) -> None:
        connection, _ = self._door.accept()
        if messages.peer(connection)[1] not in {None, os.getuid()}:
            connection.close()
            return
        connection.settimeout(1.0)
        self._buffers[connection] = (b"", [])
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._read(connection))

    def _read(self, connection: socket.socket) -> None:
        if connection not in self._buffers:
            return
        data, fds = self._buffers[connection]
        try:
            piece, more = messages.receive_some(connection)
        except OSError:
            piece, more = b"", list[int]()
        data, fds = data + piece, fds + more
        self._buffers[connection] = (data, fds)
        if not piece or len(data) > messages.LINE_LIMIT or len(fds) > messages.FDS_PER_MESSAGE:
            self._part(connection)
        elif data.endswith(b"\n"):
            self._buffers[connection] = (b"", [])
            given = [socket.socket(fileno=fd) for fd in fds]
            reply, out = self._reply(connection, data, given)
            for unused in given:
                unused.close()
            self._send(connection, reply, out)

    def _send(self, connection: socket.socket, message: Message, fds: list[int]) -> None:
        try:
            messages.send(connection, message, fds)
        except OSError:
            self._part(connection)

    def _part(self, connection: socket.socket) -> None:
        if connection not in self._buffers:
            return
        for fd in self._buffers.pop(connection)[1]:
            os.close(fd)
        self._watchers.discard(connection)
        self._selector.unregister(connection)
        connection.close()

    # Verbs -----------------------------------------------------------------------------------

    def _reply(self, connection: socket.socket, line: bytes, given: list[socket.socket]) -> Reply:
        try:
            return self._do(connection, messages.parse(line), given)
        except CannotBind as error:
            return {"error": error.code, "message": str(error)}, []
        except CannotStart as error:
            return {"error": "cannot-start", "message": str(error)}, []
        except (BadRequest, ValueError, OSError) as error:
            return {"error": "bad-request", "message": str(error)}, []

    def _do(self, connection: socket.socket, message: Message, given: list[socket.socket]) -> Reply:
        holdings = self._holdings
        verbs: dict[str, Callable[[], Reply]] = {
            "bind": lambda: (holdings.bind(requests.wish(message)), []),
            "give": lambda: (self._give(message, given), []),
            "listener": lambda: self._listener(message),
            "start": lambda: (holdings.start(requests.order(message, self._run_dir)), []),
            "signal": lambda: (self._signal(message), []),
            "list": lambda: (holdings.described(), []),
            "warm": lambda: (holdings.warm.ensure(requests.warm_order(message)), []),
            "release": lambda: (holdings.release(text(message, "deployment")), []),
            "watch": lambda: (self._watch(connection), []),
            "shutdown": lambda: (self._shutdown(message), []),
        }
        verb = text(message, "verb")
        if verb not in verbs:
            raise BadRequest(f"no verb {verb!r}")
        return verbs[verb]()

    def _give(self, message: Message, given: list[socket.socket]) -> Message:
        if len(given) != 1:
            raise BadRequest("one descriptor is wanted")
        return self._holdings.give(text(message, "deployment"), given[0])

    def _listener(self, message: Message) -> Reply:
        return {}, [self._holdings.listener(text(message, "deployment")).fileno()]

    def _signal(self, message: Message) -> Message:
        server = requests.server_name(message)
        return self._holdings.signal(server, requests.number(message, "signal"))

    def _watch(self, connection: socket.socket) -> Message:
        self._watchers.add(connection)
        return {}

    def _shutdown(self, message: Message) -> Message:
        """Stop every server within `grace` seconds, then end, which closes the connection."""
        self._kill_at = time.monotonic() + requests.seconds(message, "grace")
        self._holdings.signal_all(signal.SIGTERM)
        return {}
