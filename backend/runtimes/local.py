"""Model servers as processes of this machine, owned by the keeper, found by their directories."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Mapping

from backend.domain.paths import Paths
from backend.domain.report import Report
from backend.domain.server import (
    Enforcement,
    MemoryUse,
    ServerHandle,
    ServerLoad,
    ServerSpec,
    ServerStatus,
)
from backend.errors import PlatformError, Problem
from backend.errors.server import KeeperLost
from backend.runtimes import local_memory, server_logs, starting, stopping
from backend.runtimes.control_client import hello, metrics
from backend.runtimes.keeper_client import KeeperClient, Refused, as_int
from backend.runtimes.monitor import Monitor
from backend.runtimes.ports import PortRange, refusal, requested_port
from backend.runtimes.program import ServerProgram
from backend.runtimes.server_directory import ServerDirectory, find, prune
from backend.runtimes.waiting_rooms import LOADING, RESTARTING, STOPPED, WaitingRooms
from backend.runtimes.warm_start import WarmStart

log = logging.getLogger(__name__)
RECONNECT_SECONDS = 0.2


class LocalRuntime:
    """Owns the connection to the keeper and the waiting rooms, from `open` to `close`.

    It does not own the servers: they outlive this object and this process.
    """

    def __init__(
        self,
        paths: Paths,
        port_range: PortRange,
        program: ServerProgram,
        *,
        keeper_idle_seconds: float = 60.0,
    ) -> None:
        self._run_dir = paths.run.absolute()
        self._port_range = port_range
        self._program = program
        self._keeper = KeeperClient(
            self._run_dir, program.python, program.environment, keeper_idle_seconds
        )
        self._warm = (
            WarmStart(self._keeper, program, program.warm, str(self._run_dir))
            if program.warm
            else None
        )
        self._waiting_rooms = WaitingRooms(self._run_dir, self._keeper)
        self._starts: dict[str, asyncio.Lock] = {}
        self._monitor = Monitor()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect to the keeper, or start one, and start monitoring. Raises KeeperLost."""
        await self._keeper.request("list")
        self._monitor.open()
        self._watching = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """Stop monitoring and close the waiting rooms; servers and ports stay."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        await self._monitor.close()
        await self._waiting_rooms.close_all()

    async def shutdown(self, grace: float = 10.0) -> None:
        """Stop every server, release every port, end the keeper, then close. For Ctrl-C."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        alive = [folder for folder, _ in find(self._run_dir) if folder.is_alive]
        await stopping.drain_all(alive, grace)
        await self._keeper.shutdown(grace)
        await self.close()

    # The Runtime protocol --------------------------------------------------------------------

    async def start(self, spec: ServerSpec, report: Report) -> ServerHandle:
        """See Runtime.start."""
        async with self._starts.setdefault(spec.deployment_id, asyncio.Lock()):
            bound = await self._bind(spec.deployment_id, spec.host, spec.port)
            port = as_int(bound, "port")
            here = starting.Start(spec, self._run_dir, self._keeper, self._program, self._warm)
            try:
                folders = await here.found()
                if not folders:
                    await self._waiting_rooms.open(spec.deployment_id, LOADING)
                    folders = await here.launch(report)
                await here.until_ready(folders, report)
                await self._waiting_rooms.close(spec.deployment_id)
            except BaseException:
                await asyncio.shield(self._undo(here, new_port=bool(bound["new"])))
                raise
            return starting.handle(spec, port, folders)

    async def warm_up(self) -> None:
        """See Runtime.warm_up."""
        if self._warm is not None:
            with contextlib.suppress(Refused, KeeperLost):
                await self._warm.begin()

    async def status(self, handle: ServerHandle) -> ServerStatus:
        """See Runtime.status. If one of several workers is gone, the state is `exited`."""
        folders = self._folders(handle)
        for folder in folders:
            if folder.has_ended:
                return await stopping.describe(folder)
        for folder in folders:
            known = await hello(folder)
            if known is None and folder.has_ended:
                return await stopping.describe(folder)
            if known is None:
                return ServerStatus(state="unresponsive", cause="it did not respond")
            if known.state == "loading":
                return ServerStatus(state="starting", cause=known.message or None)
        if not folders:
            return ServerStatus(state="unknown", cause="no such server")
        return ServerStatus(state="running")

    async def wait(self, handle: ServerHandle) -> ServerStatus:
        """See Runtime.wait."""
        folders = self._folders(handle)
        cause = await self._monitor.until_down(folders) if folders else None
        if cause is not None:
            return ServerStatus(state="unresponsive", cause=cause)
        return await self.status(handle)

    async def hold(self, deployment_id: str, host: str, port: int | None, problem: Problem) -> int:
        """See Runtime.hold."""
        bound = await self._bind(deployment_id, host, port)
        await self._waiting_rooms.open(deployment_id, problem)
        return as_int(bound, "port")

    async def stop(
        self, handle: ServerHandle, grace: float = 10.0, problem: Problem | None = None
    ) -> None:
        """See Runtime.stop. The waiting room responds to new requests from the start."""
        folders = [folder for folder in self._folders(handle) if not folder.has_ended]
        deployment_id = handle.ref.get("deployment_id", "")
        with contextlib.suppress(Refused, KeeperLost):
            going = {folder.server for folder in folders}
            hung = any(self._monitor.is_hung(folder.server) for folder in folders)
            if problem is not None or not self._waiting_rooms.is_open(deployment_id):
                reason = problem or (RESTARTING if hung else STOPPED)
                await self._waiting_rooms.open(deployment_id, reason, but=going)
        await asyncio.gather(*(self._end(folder, grace) for folder in folders))

    async def hand_over(self, handle: ServerHandle, grace: float) -> None:
        """See Runtime.hand_over."""
        folders = [folder for folder in self._folders(handle) if not folder.has_ended]
        ends = (stopping.end(one, self._keeper, grace, hands_over=True) for one in folders)
        await asyncio.gather(*ends)

    async def release(self, deployment_id: str) -> None:
        """See Runtime.release."""
        # In this order: an exit event in between cannot reopen the waiting room.
        await self._keeper.request("release", deployment=deployment_id)
        await self._waiting_rooms.close(deployment_id)

    async def memory(self, handle: ServerHandle) -> MemoryUse:
        """See Runtime.memory. Proportional set size where the kernel reports it."""
        greetings = [await hello(folder) for folder in self._folders(handle)]
        pids = [known.pid for known in greetings if known is not None]
        specs = [folder.spec() for folder in self._folders(handle)]
        limits = [spec.memory_limit_bytes for spec in specs if spec and spec.memory_limit_bytes]
        found: list[Enforcement | None] = [folder.enforcement() for folder in self._folders(handle)]
        enforcement = found[0] if found else None
        return await asyncio.to_thread(local_memory.measure, pids, limits, enforcement)

    def load(self, handle: ServerHandle) -> ServerLoad | None:
        """See Runtime.load."""
        pings = [self._monitor.ping(name) for name in handle.ref.get("servers", "").split()]
        known = [ping for ping in pings if ping is not None]
        answered = [ping.answered for ping in known if ping.answered is not None]
        if not known or len(answered) < len(pings):
            return None
        return ServerLoad(answered=sum(answered), in_flight=sum(ping.in_flight for ping in known))

    async def logs(self, handle: ServerHandle, *, tail: int, follow: bool) -> AsyncIterator[str]:
        """See Runtime.logs. Several workers: one after the other; only the last is followed."""
        folders = self._folders(handle)
        for number, folder in enumerate(folders):
            prefix = f"[{number}] " if len(folders) > 1 else ""
            if follow and number == len(folders) - 1:
                async for line in server_logs.follow(
                    folder.log, tail, lambda: self._is_over(handle), prefix
                ):
                    yield line
            else:
                for line in await asyncio.to_thread(server_logs.last_lines, folder.log, tail):
                    yield prefix + line

    async def check(self) -> Problem | None:
        """See Runtime.check."""
        try:
            await self._keeper.request("list")
        except PlatformError as error:
            return error.problem()
        return None

    async def metrics(self, handle: ServerHandle) -> list[str]:
        """See Runtime.metrics."""
        return [await metrics(folder) for folder in self._folders(handle)]

    async def last_log(self, deployment_id: str, tail: int) -> list[str]:
        """See Runtime.last_log."""
        for folder, _ in find(self._run_dir, deployment_id):
            return await asyncio.to_thread(server_logs.last_lines, folder.log, tail)
        return []

    async def sweep(
        self, wanted: Collection[ServerHandle], deployments: Collection[str], busy: Collection[str]
    ) -> None:
        """See Runtime.sweep."""
        kept = {folder.server for handle in wanted for folder in self._folders(handle)}
        stray = [
            folder
            for folder, spec in find(self._run_dir)
            if folder.server not in kept and spec.deployment_id not in busy and folder.is_alive
        ]
        for folder in stray:
            log.warning("stopping a server without a deployment: %s", folder.server)
        await asyncio.gather(*(stopping.end(folder, self._keeper, 2.0) for folder in stray))
        for deployment_id in await self._keeper.bound() - {*deployments, *busy}:
            await self.release(deployment_id)

    async def forget(self, deployment_id: str) -> None:
        """See Runtime.forget."""
        await asyncio.to_thread(prune, self._run_dir, deployment_id, 0)

    # -----------------------------------------------------------------------------------------

    async def _bind(self, deployment_id: str, host: str, port: int | None) -> dict[str, object]:
        if self._waiting_rooms.is_open(deployment_id):
            await self._waiting_rooms.give_back(deployment_id)
        try:
            requested = requested_port(port, self._port_range)
            return await self._keeper.request(
                "bind", deployment=deployment_id, host=host, **requested
            )
        except Refused as refused:
            raise refusal(refused.code, host, port, self._port_range) from refused

    async def _end(self, folder: ServerDirectory, grace: float) -> None:
        """Drain a server, but kill one that hangs: it would only delay the callers."""
        if self._monitor.is_hung(folder.server):
            await stopping.kill(folder, self._keeper)
        else:
            await stopping.end(folder, self._keeper, grace)

    async def _undo(self, here: starting.Start, *, new_port: bool) -> None:
        for folder in here.launched:
            await stopping.kill(folder, self._keeper)
        if new_port:
            with contextlib.suppress(PlatformError):
                await self.release(here.spec.deployment_id)

    def _folders(self, handle: ServerHandle) -> list[ServerDirectory]:
        names = handle.ref.get("servers", "").split()
        folders = [ServerDirectory(self._run_dir / name) for name in names if name.isidentifier()]
        return [folder for folder in folders if folder.path.is_dir()]

    def _is_over(self, handle: ServerHandle) -> bool:
        return all(folder.has_ended for folder in self._folders(handle))

    async def _watch(self) -> None:
        """Handle exit events; when the keeper is gone, start another, which finds the servers."""
        while True:
            try:
                async with contextlib.aclosing(self._keeper.watch()) as events:
                    async for event in events:
                        await self._on_event(event)
            except (PlatformError, Refused, OSError) as error:
                log.warning("the keeper cannot be watched: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _on_event(self, event: Mapping[str, object]) -> None:
        if event["event"] == "connected":
            await self._waiting_rooms.give_back()
        self._monitor.ended(str(event["server"]) if event["event"] == "exited" else None)
        deployment_id = str(event.get("deployment", ""))
        if event["event"] == "exited" and not self._waiting_rooms.is_open(deployment_id):
            with contextlib.suppress(Refused, KeeperLost):
                await self._waiting_rooms.open(deployment_id, RESTARTING)
