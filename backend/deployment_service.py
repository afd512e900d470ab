"""The deployment service: submit, cancel, resume and other actions. Owns its tasks."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import structlog

from backend.domain.deployment import State
from backend.domain.origin import Origin
from backend.domain.request import DeploymentRequest
from backend.errors.state import StateForbids
from backend.pipeline.attempt import Intent, attempt
from backend.pipeline.checkpoints import Checkpoints, attempt_log, blank_progress, new_tracker
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.engine_upgrades import EngineUpgrades
from backend.pipeline.reporter import Reporter
from backend.pipeline.run import Run
from backend.pipeline.state_writer import StateWriter
from backend.pipeline.submit import Submission, add_deployment, add_version
from backend.pipeline.supervisor import Supervisor
from backend.pipeline.unavailable import unavailable
from backend.pipeline.verbs import check_allowed, is_stalled
from backend.progress.journal import Journal
from backend.store import Store
from backend.store.events import Change
from backend.store.records import AttemptRecord, DeploymentRecord

log = structlog.get_logger(__name__)
S = State

CANCEL_SECONDS = 4.5


@dataclass
class Active:
    """An attempt that waits or runs in this process."""

    task: asyncio.Task[None]
    intent: Intent = field(default_factory=Intent)


@dataclass(frozen=True, kw_only=True)
class ServiceDependencies:
    """Dependencies of the service."""

    store: Store
    journal: Journal[Change]
    pipeline: PipelineDependencies
    storage: Path
    max_workers: int
    restart_limit: int


class DeploymentService:
    """Called by the API; runs attempts of the pipeline and the supervisor."""

    def __init__(self, dependencies: ServiceDependencies) -> None:
        self._services = dependencies
        self._store = dependencies.store
        self._dependencies = dependencies.pipeline
        self._state_writer = StateWriter(dependencies.store, dependencies.journal)
        self._slots = asyncio.Semaphore(dependencies.max_workers)
        self._supervisor = Supervisor(
            dependencies.store,
            self._state_writer,
            dependencies.pipeline,
            self._slots,
            dependencies.restart_limit,
        )
        self._upgrades = EngineUpgrades(
            dependencies.store, dependencies.pipeline, self._supervisor.replace
        )
        self._supervisor.on_running = self._upgrades.offer
        self._active: dict[str, Active] = {}
        self._waiting: list[str] = []
        self._clearing: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Adopt running servers, restart missing ones, and resume interrupted attempts."""
        unfinished = {item.subject: item for item in await self._store.attempts.unfinished()}
        living = await self._store.deployments.living()
        servers = await self._store.servers.currents([item.id for item in living])
        for runtime in self._dependencies.runtimes.values():
            wanted = [server.handle for server in servers.values()]
            await runtime.sweep(wanted, [item.id for item in living], list(unfinished))
        for deployment in living:
            item = unfinished.get(deployment.id)
            if item is not None:
                self._begin(deployment.id, item)
            else:
                await self._supervisor.adopt(deployment)
        self._upgrades.open()

    async def close(self) -> None:
        """Stop all work so that the next process can resume: servers and partial files stay."""
        await self._upgrades.close()
        active = list(self._active.values())
        for one in active:
            one.intent.leaving = "shutdown"
            one.task.cancel()
        await asyncio.gather(*(one.task for one in active), return_exceptions=True)
        await asyncio.gather(*self._clearing, return_exceptions=True)
        await self._supervisor.close()

    def place(self, deployment_id: str) -> int | None:
        """Position in the queue, from 1; None if the deployment is not waiting."""
        return self._waiting.index(deployment_id) + 1 if deployment_id in self._waiting else None

    async def submit(self, submission: Submission) -> DeploymentRecord:
        """Create a deployment; committed on return. Raises NameTaken, IdempotencyConflict."""
        deployment, item = await add_deployment(self._store, submission, self._dependencies.limits)
        if item is not None:
            self._begin(deployment.id, item)
        return deployment

    async def cancel(self, key: str) -> DeploymentRecord:
        """Stop the attempt, or a restart by the supervisor, and remove what it created."""
        deployment = await self._allowed(key, "cancel")
        if deployment.id in self._active:
            await self._stop_attempt(deployment.id, "cancel", CANCEL_SECONDS)
            if (await self._store.deployments.get(deployment.id)).state is S.RUNNING:
                return await self._allowed(key, "cancel")  # it was faster: rejected with 409
        else:
            await self._supervisor.forget(deployment.id)
            await self._state_writer.set_wanted(deployment.id, "cancelled")
            await self._clear_server(deployment.id)
            await self._state_writer.record_state(
                deployment.id, S.CANCELLED, "Cancelled.", kind="cancelled"
            )
        return await self._store.deployments.get(deployment.id)

    async def skip(self, key: str) -> DeploymentRecord:
        """Go on without the rest of what the current step measures. Raises StateForbids."""
        deployment = await self._store.deployments.find(key)
        if not self._dependencies.skips.request(deployment.id):
            detail = f"{deployment.name!r} does nothing now that can be skipped."
            raise StateForbids(detail, allowed=S.INITIALIZING)
        return deployment

    async def pause(self, key: str) -> DeploymentRecord:
        """Stop the server and keep the port, which returns 503 until `resume`."""
        deployment = await self._allowed(key, "pause")
        await self._supervisor.rest(deployment, S.PAUSED, "Paused.")
        return await self._store.deployments.get(deployment.id)

    async def sleep(self, deployment_id: str, idle_seconds: int) -> None:
        """Scale an idle deployment to zero; the port stays bound, `resume` starts it."""
        deployment = await self._store.deployments.get(deployment_id)
        if deployment.state == S.RUNNING:
            message = f"Sleeping after {idle_seconds} s without requests. Resume starts it again."
            await self._supervisor.rest(deployment, S.SCALED_TO_ZERO, message)

    async def resume(self, key: str) -> DeploymentRecord:
        """Start a paused deployment, or one scaled to zero, with the same six steps."""
        deployment = await self._allowed(key, "resume")
        await self._supervisor.hold(deployment, unavailable(deployment.name, S.PENDING))
        return await self._again(deployment, "Waiting to restart.")

    async def restart(self, key: str) -> DeploymentRecord:
        """Replace the server by a new one of the same version."""
        deployment = await self._allowed(key, "restart")
        reply = unavailable(deployment.name, S.PENDING)
        await self._supervisor.rest(deployment, S.PAUSED, "Stopping before the restart.", reply)
        return await self._again(deployment, "Waiting to restart.")

    async def retry(self, key: str, changed: DeploymentRequest | None) -> DeploymentRecord:
        """Retry from the failed step; a changed request creates a new version."""
        deployment = await self._store.deployments.find(key)
        if changed is None and is_stalled(deployment):
            await self._stop_attempt(deployment.id, "shutdown", CANCEL_SECONDS)
            return await self._again(deployment, "Retrying now.")
        deployment = await self._allowed(key, "retry")
        version = await self._store.versions.get(deployment.id, deployment.version)
        if changed is not None and changed != version.request:
            await add_version(self._store, deployment, changed)
        return await self._again(deployment, "Waiting to retry.")

    async def delete(self, key: str) -> DeploymentRecord:
        """Release the name at once; server, port and files are removed in the background."""
        deployment = await self._store.deployments.find(key)
        if deployment.id in self._active:
            await self._stop_attempt(deployment.id, "cancel", 2 * CANCEL_SECONDS)
        await self._supervisor.forget(deployment.id)
        await self._state_writer.set_wanted(deployment.id, "deleted")
        server = await self._store.servers.current(deployment.id)
        await self._state_writer.record_state(deployment.id, S.DELETED, "Deleted.")
        log.info("deployment_deleted", deployment_id=deployment.id, had_server=server is not None)
        task = asyncio.create_task(self._clear(deployment.id))
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)
        return deployment.model_copy(update={"state": S.DELETED, "message": "Deleted."})

    async def _allowed(self, key: str, verb: str) -> DeploymentRecord:
        deployment = await self._store.deployments.find(key)
        check_allowed(deployment, verb)
        return deployment

    async def _again(self, deployment: DeploymentRecord, message: str) -> DeploymentRecord:
        generation = await self._state_writer.set_wanted(deployment.id, "running")
        newest = await self._store.deployments.get(deployment.id)
        async with self._store.database.write() as session:
            item = await self._store.attempts.add(
                session, deployment.id, newest.version, generation
            )
        progress = blank_progress(deployment.id, self._dependencies.limits, message)
        await self._state_writer.record_state(deployment.id, S.PENDING, message, progress=progress)
        self._begin(deployment.id, item)
        return await self._store.deployments.get(deployment.id)

    def _begin(self, deployment_id: str, item: AttemptRecord) -> None:
        intent = Intent()
        self._waiting.append(deployment_id)
        task = asyncio.create_task(self._work(deployment_id, item, intent))
        self._active[deployment_id] = Active(task, intent)

    async def _stop_attempt(
        self, deployment_id: str, leaving: Literal["cancel", "shutdown"], seconds: float
    ) -> None:
        """Cancel the running attempt; after `shutdown` its files stay for the next attempt."""
        if (active := self._active.get(deployment_id)) is not None:
            active.intent.leaving = leaving
            active.task.cancel()
            await asyncio.wait({active.task}, timeout=seconds)

    async def _work(self, deployment_id: str, item: AttemptRecord, intent: Intent) -> None:
        try:
            async with self._slots:
                self._waiting.remove(deployment_id)
                await self._attempt(deployment_id, item, intent)
        except asyncio.CancelledError:
            if intent.leaving == "cancel":
                await self._store.attempts.end(item.id, "cancelled")
                await self._clear_server(deployment_id)
                message = "Cancelled before it started."
                await self._state_writer.record_state(
                    deployment_id, S.CANCELLED, message, kind="cancelled"
                )
        except Exception:
            log.exception("work_crashed", deployment_id=deployment_id)
        finally:
            if deployment_id in self._waiting:
                self._waiting.remove(deployment_id)
            if self._active[deployment_id].intent is intent:
                del self._active[deployment_id]

    async def _attempt(self, deployment_id: str, item: AttemptRecord, intent: Intent) -> None:
        """Run one attempt: take over the deployment, then hand its server to the supervisor."""
        resumed = item.state == "running"
        generation = await self._state_writer.set_wanted(deployment_id, "running")
        await self._store.attempts.take(item.id)
        deployment = await self._store.deployments.get(deployment_id)
        version = await self._store.versions.get(deployment_id, item.version)
        limits = self._dependencies.limits
        tracker = new_tracker(deployment_id, limits)
        if resumed:
            tracker.resume(deployment.progress)
        log_path = attempt_log(self._services.storage, deployment_id)
        reporter = Reporter(tracker, self._services.journal, generation, log_path)
        run = Run(reporter, limits.steps, Checkpoints(self._store, version, generation, limits))
        origin = Origin(
            deployment_id=deployment_id,
            name=deployment.name,
            version=item.version,
            generation=item.generation,
            port=deployment.port,
        )
        message = "Resumed after a restart of the control plane." if resumed else "Starting."
        await reporter.emit("state_changed", message, state=S.INITIALIZING)
        ending = await attempt(version.request, origin, run, self._dependencies, intent)
        if ending == "interrupted":
            return
        await self._store.attempts.end(item.id, ending)
        server = await self._store.servers.current(deployment_id)
        if ending == "succeeded" and server is not None:
            self._supervisor.watch(deployment_id, server.handle)
        else:
            await self._clear_server(deployment_id)

    async def _clear_server(self, deployment_id: str) -> None:
        server = await self._store.servers.current(deployment_id)
        if server is not None:
            await self._dependencies.runtimes[server.handle.runtime].stop(server.handle)
        for runtime in self._dependencies.runtimes.values():
            await runtime.release(deployment_id)
        await self._store.servers.end(deployment_id)

    async def _clear(self, deployment_id: str) -> None:
        """Background part of a delete; a failure is logged, and the next start removes the rest."""
        try:
            await self._clear_server(deployment_id)
            for runtime in self._dependencies.runtimes.values():
                await runtime.forget(deployment_id)
            folder = self._services.storage / deployment_id
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        except Exception:
            log.exception("delete_incomplete", deployment_id=deployment_id)
