"""Supervises running servers: restarts them with backoff, up to a limit within 10 minutes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from backend.domain.deployment import State
from backend.domain.prepared import Prepared
from backend.domain.report import Unheard
from backend.domain.server import ServerHandle, ServerStatus
from backend.errors import PlatformError, Problem
from backend.errors.server import CrashLoop
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.state_writer import StateWriter
from backend.pipeline.unavailable import unavailable
from backend.runtimes.base import Runtime
from backend.store import Store
from backend.store.deployments import StaleGeneration
from backend.store.records import DeploymentRecord

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 600.0
LONGEST_WAIT = 60.0
LOG_LINES = 50
SHOULD_RUN = frozenset({State.RUNNING, State.INITIALIZING, State.UPDATING, State.UPDATE_FAILED})


@dataclass
class RestartHistory:
    """Exits of one deployment's server, in monotonic seconds."""

    deaths: list[float] = field(default_factory=list[float])

    def add(self) -> int:
        """Record an exit; return the number of exits within the window."""
        now = time.monotonic()
        self.deaths = [moment for moment in self.deaths if now - moment < WINDOW_SECONDS] + [now]
        return len(self.deaths)


def backoff(count: int) -> float:
    """Seconds before restart number `count`: 0, 1, 2, 4, 8 … 60."""
    return 0.0 if count <= 1 else min(LONGEST_WAIT, 2.0 ** (count - 2))


class Supervisor:
    """One task for each deployment that should be running.

    `on_running` is called whenever a deployment has a server that this supervisor did not replace.
    """

    def __init__(
        self,
        store: Store,
        state_writer: StateWriter,
        dependencies: PipelineDependencies,
        slots: asyncio.Semaphore,
        restart_limit: int,
    ) -> None:
        self._store = store
        self._state_writer = state_writer
        self._dependencies = dependencies
        self._limit = restart_limit
        self._slots = slots
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._histories: dict[str, RestartHistory] = {}
        self._leaving: set[asyncio.Future[None]] = set()
        self.on_running: Callable[[str], None] = lambda _: None

    async def adopt(self, deployment: DeploymentRecord) -> None:
        """At start: supervise live servers, restart others, hold ports of stopped deployments."""
        if deployment.wanted == "running" and deployment.state in SHOULD_RUN:
            await self._adopt_running(deployment)
        elif deployment.state in {State.PAUSED, State.SCALED_TO_ZERO}:
            await self.hold(deployment, unavailable(deployment.name, deployment.state))

    async def _adopt_running(self, deployment: DeploymentRecord) -> None:
        server = await self._store.servers.current(deployment.id)
        status = ServerStatus(state="exited", cause="its start was interrupted")
        if server is not None:
            runtime = self._dependencies.runtimes[server.handle.runtime]
            status = await runtime.status(server.handle)
            # A server that is only busy is not stopped: its watcher decides whether it hangs.
            is_busy = status.state == "unresponsive" and deployment.state == State.RUNNING
            if status.state == "running" or is_busy:
                if deployment.state != State.RUNNING:
                    await self._state_writer.record_state(
                        deployment.id, State.RUNNING, "Running; it kept serving during the restart."
                    )
                self.watch(deployment.id, server.handle)
                return
            await runtime.stop(server.handle, grace=1.0)
        # Before requests are accepted: without a server the state must not be running.
        message = f"restarting, {status.cause or 'it was not running'}"
        await self._state_writer.record_state(deployment.id, State.INITIALIZING, message)
        self._spawn(deployment.id, self._restart_then_watch(deployment.id, status))

    def watch(self, deployment_id: str, handle: ServerHandle) -> None:
        """Supervise a running server: restart it when it exits or hangs."""
        self.on_running(deployment_id)
        self._spawn(deployment_id, self._watch(deployment_id, handle))

    async def replace(self, deployment: DeploymentRecord, prepared: Prepared, why: str) -> bool:
        """Start a server of another specification on the same port, and stop the one that runs
        once it is ready: no request fails. False if it did not start, and nothing changed."""
        server = await self._store.servers.current(deployment.id)
        if server is None:
            return False
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        work = self._replace_then_watch(deployment, server.handle, prepared, why, outcome)
        task = self._spawn(deployment.id, work)
        await asyncio.wait({task, outcome}, return_when="FIRST_COMPLETED")
        return outcome.done() and outcome.result()

    async def forget(self, deployment_id: str) -> None:
        """Stop supervising a deployment."""
        self._histories.pop(deployment_id, None)
        task = self._tasks.pop(deployment_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Stop supervising; servers keep running, and those that are leaving leave."""
        for leaving in self._leaving:
            leaving.cancel()
        for deployment_id in list(self._tasks):
            await self.forget(deployment_id)

    async def rest(
        self,
        deployment: DeploymentRecord,
        state: State,
        message: str,
        reply: PlatformError | None = None,
    ) -> None:
        """Stop the server, keep the port and return `answer` there; None: the error for `state`."""
        reply = reply or unavailable(deployment.name, state)
        wanted = "paused" if state == State.PAUSED else "scaledToZero"
        await self.forget(deployment.id)
        await self._state_writer.set_wanted(deployment.id, wanted)
        await self._state_writer.record_state(deployment.id, state, message)
        server = await self._store.servers.current(deployment.id)
        if server is not None:
            runtime = self._dependencies.runtimes[server.handle.runtime]
            await runtime.stop(server.handle, problem=reply.problem())
            await self._store.servers.end(deployment.id)
        await self.hold(await self._store.deployments.get(deployment.id), reply)

    async def hold(self, deployment: DeploymentRecord, reply: PlatformError) -> None:
        """Bind the deployment's port and return `answer` there until a server is ready."""
        runtime = self._dependencies.runtimes["local"]
        try:
            await runtime.hold(
                deployment.id,
                self._dependencies.limits.serve_host,
                deployment.port,
                reply.problem(),
            )
        except PlatformError as refused:
            log.warning("port_not_held", deployment_id=deployment.id, why=refused.detail)

    def _spawn(self, deployment_id: str, work: Awaitable[None]) -> asyncio.Task[None]:
        old = self._tasks.get(deployment_id)
        if old is not None and old is not asyncio.current_task():
            old.cancel()
        task = asyncio.create_task(self._guarded(deployment_id, work))
        self._tasks[deployment_id] = task
        return task

    async def _guarded(self, deployment_id: str, work: Awaitable[None]) -> None:
        try:
            await work
        except StaleGeneration:
            log.info("supervisor_replaced", deployment_id=deployment_id)
        except Exception:
            log.exception("supervisor_crashed", deployment_id=deployment_id)

    async def _watch(self, deployment_id: str, handle: ServerHandle) -> None:
        while True:
            runtime = self._dependencies.runtimes[handle.runtime]
            status = await runtime.wait(handle)
            if status.state == "unresponsive":
                # Before its connections are closed: `running` promises a server that responds.
                message = f"restarting, {status.cause}"
                await self._state_writer.record_state(deployment_id, State.INITIALIZING, message)
            # A server that hangs may still accept connections beside its successor.
            await runtime.stop(handle, grace=1.0)
            again = await self._restart(deployment_id, runtime, status)
            if again is None:
                return
            handle = again

    async def _replace_then_watch(
        self,
        deployment: DeploymentRecord,
        old: ServerHandle,
        prepared: Prepared,
        why: str,
        outcome: asyncio.Future[bool],
    ) -> None:
        handle = old
        try:
            handle = await self._successor(deployment, old, prepared, why)
        except (PlatformError, TimeoutError) as error:
            log.warning("server_not_replaced", deployment_id=deployment.id, why=str(error))
        finally:
            if not outcome.done():
                outcome.set_result(handle != old)
        await self._watch(deployment.id, handle)

    async def _successor(
        self, deployment: DeploymentRecord, old: ServerHandle, prepared: Prepared, why: str
    ) -> ServerHandle:
        runtime, limits = self._dependencies.runtimes[old.runtime], self._dependencies.limits
        generation = await self._state_writer.set_wanted(deployment.id, "running")
        spec = prepared.spec.model_copy(update={"generation": generation, "port": old.port})
        async with self._slots, asyncio.timeout(limits.steps["start"]):
            handle = await runtime.start(spec, Unheard())
        try:
            key = (deployment.id, deployment.version)
            await self._store.versions.keep(*key, prepared=prepared)
            await self._store.servers.add(*key, generation, handle)
            await self._state_writer.record_state(deployment.id, State.RUNNING, why)
        except BaseException:
            await asyncio.shield(runtime.stop(handle, grace=1.0))
            raise
        leaving = asyncio.ensure_future(runtime.hand_over(old, 2 * limits.inference_timeout))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        return handle

    async def _restart_then_watch(self, deployment_id: str, status: ServerStatus) -> None:
        runtime = self._dependencies.runtimes["local"]
        handle = await self._restart(deployment_id, runtime, status)
        if handle is not None:
            await self._watch(deployment_id, handle)

    async def _restart(
        self, deployment_id: str, runtime: Runtime, status: ServerStatus
    ) -> ServerHandle | None:
        """Restart the server, within the restart limit; None if the limit is exceeded."""
        history = self._histories.setdefault(deployment_id, RestartHistory())
        cause = status.cause or "it was not running"
        problem: Problem | None = None
        while True:
            count = history.add()
            await self._store.servers.end(deployment_id)
            if count > self._limit:
                await self._give_up(deployment_id, runtime, cause, problem)
                return None
            message = f"restarting ({count} of {self._limit}), {cause}"
            log.warning("server_restart", deployment_id=deployment_id, count=count, cause=cause)
            await self._state_writer.record_state(deployment_id, State.INITIALIZING, message)
            await asyncio.sleep(backoff(count))
            try:
                return await self._start(deployment_id, runtime)
            except PlatformError as error:
                cause = error.detail
                problem = error.problem("start")
            except TimeoutError:
                cause = "its start exceeded MODEL_START_TIMEOUT"

    async def _start(self, deployment_id: str, runtime: Runtime) -> ServerHandle:
        deployment = await self._store.deployments.get(deployment_id)
        version = await self._store.versions.get(deployment_id, deployment.version)
        if version.prepared is None:
            message = f"{deployment_id} has no prepared version"
            raise RuntimeError(message)
        generation = await self._state_writer.set_wanted(deployment_id, "running")
        spec = version.prepared.spec.model_copy(
            update={"generation": generation, "port": deployment.port}
        )
        async with self._slots, asyncio.timeout(self._dependencies.limits.steps["start"]):
            handle = await runtime.start(spec, Unheard())
        await self._store.servers.add(deployment_id, deployment.version, generation, handle)
        await self._store.deployments.set_port(deployment_id, generation, handle.port)
        await self._state_writer.record_state(
            deployment_id, State.RUNNING, "Running again.", kind="running"
        )
        self.on_running(deployment_id)
        return handle

    async def _give_up(
        self, deployment_id: str, runtime: Runtime, cause: str, last: Problem | None
    ) -> None:
        detail = (
            f"The model server crashed {self._limit + 1} times in 10 minutes; last cause: {cause}."
        )
        problem = CrashLoop(detail).problem("start", instance=deployment_id)
        lines = await runtime.last_log(deployment_id, LOG_LINES)
        await self._state_writer.record_failure(deployment_id, problem, lines)
        log.error("crash_loop", deployment_id=deployment_id, cause=cause, last=last and last.code)
        await runtime.release(deployment_id)
