"""Runtimes without processes, with named failure modes. The plain one keeps the whole contract."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Collection

from backend.domain.report import Report
from backend.domain.server import MemoryUse, ServerHandle, ServerLoad, ServerSpec, ServerStatus
from backend.errors import Problem
from backend.errors.capacity import NoFreePort
from backend.errors.server import ServerDied


class FakeRuntime:
    """Keeps the contract of Runtime inside this process: each server is a small HTTP server."""

    def __init__(self) -> None:
        self.servers: dict[str, asyncio.Server] = {}
        self.handles: dict[tuple[str, int], ServerHandle] = {}
        self.causes: dict[str, str] = {}
        self.held: dict[str, Problem] = {}
        self.ports: dict[str, int] = {}
        self.calls: list[str] = []
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self._starts: dict[str, asyncio.Lock] = {}

    async def warm_up(self) -> None:
        self.calls.append("warm_up")

    async def start(self, spec: ServerSpec, report: Report) -> ServerHandle:
        self.calls.append("start")
        async with self._starts.setdefault(spec.deployment_id, asyncio.Lock()):
            return await self._start(spec, report)

    async def _start(self, spec: ServerSpec, report: Report) -> ServerHandle:
        known = self.handles.get((spec.deployment_id, spec.generation))
        if known is not None and known.ref["servers"] in self.servers:
            return known
        report("starting a fake server")
        await self.before_ready(spec)
        name = f"srv_{next(self._numbers):08d}"
        port = self.ports.get(spec.deployment_id, spec.port or 0)
        server = await asyncio.start_server(_respond, spec.host, port)
        port = int(server.sockets[0].getsockname()[1])
        self.ports[spec.deployment_id] = port
        self.servers[name] = server
        self.held.pop(spec.deployment_id, None)
        handle = ServerHandle(
            runtime="local",
            url=f"http://127.0.0.1:{port}",
            port=port,
            ref={"servers": name, "deployment_id": spec.deployment_id},
        )
        self.handles[spec.deployment_id, spec.generation] = handle
        return handle

    async def before_ready(self, spec: ServerSpec) -> None:
        """Where the others go wrong."""

    async def status(self, handle: ServerHandle) -> ServerStatus:
        name = handle.ref.get("servers", "")
        if name in self.servers:
            return ServerStatus(state="running")
        if name in self.causes:
            return ServerStatus(state="exited", cause=self.causes[name])
        return ServerStatus(state="unknown", cause="no such server")

    async def wait(self, handle: ServerHandle) -> ServerStatus:
        async with self._changed:
            await self._changed.wait_for(lambda: handle.ref.get("servers", "") not in self.servers)
        return await self.status(handle)

    async def hold(self, deployment_id: str, host: str, port: int | None, problem: Problem) -> int:
        self.calls.append("hold")
        self.held[deployment_id] = problem
        return self.ports.setdefault(deployment_id, port or free_port())

    async def stop(
        self, handle: ServerHandle, grace: float = 10.0, problem: Problem | None = None
    ) -> None:
        self.calls.append("stop")
        await self.end(handle, "exited")

    async def end(self, handle: ServerHandle, cause: str) -> None:
        """Also for tests: the server dies of this cause."""
        server = self.servers.pop(handle.ref.get("servers", ""), None)
        if server is None:
            return
        server.close()
        self.causes[handle.ref["servers"]] = cause
        async with self._changed:
            self._changed.notify_all()

    async def release(self, deployment_id: str) -> None:
        self.calls.append("release")
        self.ports.pop(deployment_id, None)
        self.held.pop(deployment_id, None)

    async def memory(self, handle: ServerHandle) -> MemoryUse:
        return MemoryUse(measured_bytes=100_000_000, peak_bytes=120_000_000)

    def load(self, handle: ServerHandle) -> ServerLoad | None:
        return None

    async def logs(self, handle: ServerHandle, *, tail: int, follow: bool) -> AsyncIterator[str]:
        for line in ["fake server is up", "fake server is ready"][-tail:]:
            yield line
        if follow:
            await self.wait(handle)

    async def metrics(self, handle: ServerHandle) -> list[str]:
        return ["fake_requests_total 1\n"] if handle.ref.get("servers") in self.servers else [""]

    async def last_log(self, deployment_id: str, tail: int) -> list[str]:
        return ["fake server is up", "fake server is ready"][-tail:]

    async def forget(self, deployment_id: str) -> None:
        self.calls.append("forget")

    async def sweep(
        self, wanted: Collection[ServerHandle], deployments: Collection[str], busy: Collection[str]
    ) -> None:
        self.calls.append("sweep")
        names = {handle.ref.get("servers") for handle in wanted}
        for handle in list(self.handles.values()):
            if handle.ref["servers"] not in names and handle.ref["deployment_id"] not in busy:
                await self.end(handle, "swept")
        for deployment_id in set(self.ports) - {*deployments, *busy}:
            await self.release(deployment_id)

    async def check(self) -> Problem | None:
        return None


class SlowRuntime(FakeRuntime):
    """Ready after `seconds`."""

    def __init__(self, seconds: float = 0.5) -> None:
        super().__init__()
        self.seconds = seconds

    async def before_ready(self, spec: ServerSpec) -> None:
        await asyncio.sleep(self.seconds)


class NeverReadyRuntime(FakeRuntime):
    """Loads for ever."""

    async def before_ready(self, spec: ServerSpec) -> None:
        await asyncio.Event().wait()


class DyingRuntime(FakeRuntime):
    """The server dies while it loads, `times` times (None: always)."""

    def __init__(self, times: int | None = None) -> None:
        super().__init__()
        self.left = times

    async def before_ready(self, spec: ServerSpec) -> None:
        if self.left == 0:
            return
        if self.left is not None:
            self.left -= 1
        message = "The model server ended: killed by signal 9 (SIGKILL)."
        raise ServerDied(message)


class RefusingRuntime(FakeRuntime):
    """Has no port to give."""

    async def before_ready(self, spec: ServerSpec) -> None:
        message = "Every port from 8100 to 8200 is in use."
        raise NoFreePort(message)


def free_port() -> int:
    """One that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


async def _respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps([{"label": "POSITIVE", "score": 0.99}]).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
