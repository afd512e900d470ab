"""The listening sockets and live servers of the keeper, and the operations on them."""

import os
import signal
import socket
from pathlib import Path

from backend.keeper import adopt, logfile, ports, processes, servers
from backend.keeper.child import launch
from backend.keeper.messages import Message
from backend.keeper.requests import BadRequest, Order, Wish
from backend.keeper.warm import WarmParent

BUSY_SERVER_SECONDS = 2.0


class Registry:
    """Owns the listening sockets and server processes. No method blocks longer than seconds."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._ports: dict[str, socket.socket] = {}
        self._live: dict[str, servers.Held] = {}
        self._missing: dict[str, Path] = {}
        self.warm = WarmParent()

    @property
    def is_empty(self) -> bool:
        """Whether the keeper holds nothing and may exit."""
        return not (self._ports or self._live or self._missing)

    @property
    def has_servers(self) -> bool:
        """Whether a server is alive, adopted or not."""
        return bool(self._live or self._missing)

    @property
    def pidfds(self) -> list[int]:
        """Descriptors that become readable when an adopted server ends."""
        return [held.pidfd for held in self._live.values() if held.pidfd is not None]

    def described(self) -> Message:
        """The response to `list`."""
        return {
            "servers": [held.described for held in self._live.values()],
            "ports": {name: ports.port_of(bound) for name, bound in self._ports.items()},
            "pid": os.getpid(),
        }

    # Ports -----------------------------------------------------------------------------------

    def bind(self, wish: Wish) -> Message:
        """Bind a port. Idempotent: a bound deployment keeps its port unless it requests another."""
        old = self._bound(wish.deployment)
        if old is not None and wish.port in {None, ports.port_of(old)}:
            return {"port": ports.port_of(old), "new": False}
        if wish.port is None:
            bound = ports.listen_within(wish.host, wish.ports, wish.skip)
        else:
            bound = ports.listen_at(wish.host, wish.port)
        self._ports[wish.deployment] = bound
        if old is not None:
            old.close()
        return {"port": ports.port_of(bound), "new": True}

    def give(self, deployment: str, listener: socket.socket) -> Message:
        """Accept a listener of an earlier keeper, unless the deployment already has one."""
        if not ports.is_listening(listener):
            raise BadRequest("this descriptor is not a listening socket")
        if deployment in self._ports:
            return {"port": ports.port_of(self._ports[deployment]), "new": False}
        # Not listener.dup(): it would make the shared socket blocking for every process.
        self._ports[deployment] = socket.socket(fileno=os.dup(listener.fileno()))
        return {"port": ports.port_of(listener), "new": True}

    def listener(self, deployment: str) -> socket.socket:
        """The deployment's listening socket, for the caller to duplicate. Raises BadRequest."""
        bound = self._bound(deployment)
        if bound is None:
            raise BadRequest(f"{deployment!r} has no port")
        return bound

    def release(self, deployment: str) -> Message:
        """Close the keeper's descriptor; a live server keeps its own until it ends."""
        bound = self._ports.pop(deployment, None)
        if bound is not None:
            bound.close()
        return {"released": bound is not None}

    def _bound(self, deployment: str) -> socket.socket | None:
        """The deployment's socket, requested from its live server if the keeper does not have it.

        Without this the deployment would get another port than its busy server still uses.
        Raises CannotBind `busy` after 2 seconds.
        """
        for held in self._live.values():
            if held.deployment == deployment and deployment not in self._ports:
                found = adopt.listener_of(held.folder, BUSY_SERVER_SECONDS)
                if found is None:
                    raise ports.CannotBind("busy", f"server {held.server} does not respond")
                self._ports[deployment] = found
        return self._ports.get(deployment)

    # Servers ---------------------------------------------------------------------------------

    def start(self, order: Order) -> Message:
        """Start a server. Idempotent: a known id returns the server that runs."""
        held = self._live.get(order.server)
        if held is None:
            begin = self.warm.fork if order.may_fork and self.warm.is_ready else launch
            held = servers.start(order, self.listener(order.deployment).fileno(), begin)
            self._live[order.server] = held
        return held.described

    def signal(self, server: str, number: int) -> Message:
        """Signal a live server. SIGKILL for an unknown one kills the processes with its mark."""
        held = self._live.get(server)
        if held is not None:
            servers.kill(held, number)
        elif number == signal.SIGKILL:
            processes.kill_left_behind(server, None, set())
        return {"found": held is not None}

    def signal_all(self, number: int) -> None:
        """Signal every server; SIGKILL also kills those that could not be adopted."""
        if number == signal.SIGKILL:
            for server in self._missing:
                processes.kill_left_behind(server, None, set())
        for held in self._live.values():
            servers.kill(held, number)

    def reap(self) -> list[servers.Exit]:
        """Reap every child that ended since the last call and kill what the servers left."""
        ended: list[servers.Exit] = []
        while (pid := _next_dead_child()) is not None:
            held = next((held for held in self._live.values() if _is(held, pid)), None)
            left = servers.take_down(held) if held is not None else 0
            _, status, usage = os.wait4(pid, 0)
            self.warm.reaped(pid)
            if held is not None:
                del self._live[held.server]
                ended.append(servers.finish(held, left, status, usage))
        return ended

    def poll(self) -> list[servers.Exit]:
        """Periodic work: detect ended adopted servers, adopt others, rotate logs."""
        gone = [held for held in self._live.values() if not held.is_child]
        gone = [held for held in gone if servers.has_ended(held)]
        for held in gone:
            del self._live[held.server]
        ended = [servers.finish(held, servers.take_down(held)) for held in gone]
        self.adopt_missing()
        self.warm.poll()
        for held in self._live.values():
            logfile.keep_small(held.folder / "server.log")
        return ended

    def adopt_missing(self) -> None:
        """Adopt live servers of an earlier keeper that was killed."""
        found = (adopt.adopt(folder) for folder in list(self._missing.values()))
        for one in [one for one in found if one is not None]:
            del self._missing[one.held.server]
            self._live[one.held.server] = one.held
            if one.listener is None:
                continue
            if one.held.deployment in self._ports:
                one.listener.close()
            else:
                self._ports[one.held.deployment] = one.listener
        for server, folder in list(self._missing.items()):
            if not processes.lock_is_held(folder / "lock"):
                del self._missing[server]

    def search(self) -> None:
        """Find the servers that are alive when this keeper starts, and adopt them."""
        for folder in adopt.candidates(self._run_dir, set(self._live)):
            self._missing[folder.name] = folder
        self.adopt_missing()

    def close(self) -> None:
        """Close every listening socket, and end the warm parent."""
        self.warm.end()
        for deployment in list(self._ports):
            self.release(deployment)


def _is(held: servers.Held, pid: int) -> bool:
    return held.is_child and held.pid == pid


def _next_dead_child() -> int | None:
    """Pid of a child that has ended and is not reaped yet: a server, or an orphan of one."""
    try:
        seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return seen.si_pid if seen is not None else None
