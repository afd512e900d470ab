"""Load tests of running deployments: started, followed, stored and cancelled here."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from backend.domain.deployment import State
from backend.domain.ids import new_id, utc_now
from backend.domain.load_test import (
    OPEN_STATES,
    LoadTest,
    LoadTestJob,
    LoadTestProgress,
    LoadTestRequest,
    LoadTestResult,
    LoadTestState,
    LoadWatch,
)
from backend.errors import PlatformError
from backend.errors.load_test import LoadTestActive, LoadTestInterrupted
from backend.errors.request import Gone
from backend.errors.state import InternalError, StateForbids
from backend.pipeline.batch_sizes import BatchTotals, between, totals
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.load_test_facts import new_load_test
from backend.progress.broadcast import SlowWatcher
from backend.progress.journal import Journal
from backend.store import Store
from backend.store.events import Change
from backend.store.records import DeploymentRecord, ServerRecord, VersionRecord

log = structlog.get_logger(__name__)
Generate = Callable[[LoadTestJob, LoadWatch], Awaitable[LoadTestResult | None]]
# The worker reports what it has within a second.
CANCEL_SECONDS = 2.0
_CHECK_SECONDS = 30.0


@dataclass
class Active:
    """A test that waits or runs in this process; `why` is set with `stop`."""

    test: LoadTest
    job: LoadTestJob
    server: ServerRecord
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = ""
    failure: PlatformError | None = None
    task: asyncio.Task[None] | None = None

    def end(self, why: str, failure: PlatformError | None = None) -> None:
        """Stop it, for this reason."""
        if not self.stop.is_set():
            self.why, self.failure = why, failure
            self.stop.set()


class LoadTests:
    """Called by the API. One test runs at a time: two would measure each other."""

    def __init__(
        self,
        store: Store,
        journal: Journal[Change],
        dependencies: PipelineDependencies,
        generate: Generate,
        key: str | None,
    ) -> None:
        self._store = store
        self._journal = journal
        self._dependencies = dependencies
        self._generate = generate
        self._key = key
        self._turn = asyncio.Lock()
        self._active: dict[str, Active] = {}

    async def open(self) -> None:
        """Called at start: no test outlives the control plane that ran it."""
        for test in await self._store.load_tests.unfinished():
            await self._store.load_tests.keep(_ended(test, "failed", "", _of_restart()))

    async def close(self) -> None:
        """Stop all tests; they read as failed."""
        active = list(self._active.values())
        for one in active:
            one.end("", _of_restart())
        await asyncio.gather(*(one.task for one in active if one.task), return_exceptions=True)

    async def start(self, key: str, request: LoadTestRequest) -> LoadTest:
        """Queue a test of a running deployment. Raises StateForbids and LoadTestActive."""
        record = await self._store.deployments.find(key)
        server = await self._store.servers.current(record.id)
        version = await self._store.versions.get(record.id, record.version)
        if (active := self._active.get(record.id)) is not None:
            detail = f"{record.name!r} has a load test that is {active.test.state}."
            raise LoadTestActive(detail, name=record.name, test=active.test.id)
        if record.state != State.RUNNING or server is None:
            detail = f"{record.name!r} is {record.state}: a load test is not possible."
            raise StateForbids(detail, allowed=State.RUNNING)
        test = new_load_test(new_id("ldt"), record, version, request)
        active = Active(test, self._job(server, version, request), server)
        # Reserved before the first await, so that a second request is rejected.
        self._active[record.id] = active
        try:
            await self._store.load_tests.add(test)
        except BaseException:
            del self._active[record.id]
            raise
        active.task = asyncio.create_task(self._work(record, active))
        return test

    async def cancel(self, key: str, test_id: str) -> LoadTest:
        """Stop a test and return it with the figures so far; one that has ended is unchanged."""
        record = await self._store.deployments.find(key)
        active = self._active.get(record.id)
        if active is not None and active.test.id == test_id and active.task is not None:
            active.end("Cancelled.")
            await asyncio.wait({active.task}, timeout=CANCEL_SECONDS)
        return await self.get(key, test_id)

    async def get(self, key: str, test_id: str) -> LoadTest:
        """One test. Raises NotFound and Gone."""
        record = await self._store.deployments.find(key)
        return self._live(await self._store.load_tests.get(record.id, test_id))

    async def all(self, key: str) -> list[LoadTest]:
        """The latest tests of a deployment, newest first. Raises NotFound and Gone."""
        record = await self._store.deployments.find(key)
        return [self._live(test) for test in await self._store.load_tests.of(record.id)]

    def _live(self, test: LoadTest) -> LoadTest:
        """With the progress that is not stored."""
        active = self._active.get(test.deployment_id)
        is_live = active is not None and active.test.id == test.id and test.state in OPEN_STATES
        return active.test if is_live and active is not None else test

    def _job(
        self, server: ServerRecord, version: VersionRecord, request: LoadTestRequest
    ) -> LoadTestJob:
        plan, prepared = version.plan, version.prepared
        assert plan is not None  # noqa: S101 - the deployment runs
        assert prepared is not None  # noqa: S101
        return LoadTestJob(
            url=server.handle.url,
            key=self._key if prepared.spec.api_key_sha256 else None,
            task=plan.task,
            is_handler=prepared.spec.engine == "handler",
            request=request,
        )

    async def _work(self, record: DeploymentRecord, active: Active) -> None:
        """Run the test and store how it ends; never raises but when cancelled."""
        guard = asyncio.create_task(self._guard(record, active))
        try:
            if await self._has_turn(active.stop):
                try:
                    result = await self._run(active)
                finally:
                    self._turn.release()
                self._change(active, result=result)
            ended = _outcome(active)
        except PlatformError as error:
            ended = _ended(active.test, "failed", "", error)
        except Exception:
            log.exception("load_test_failed", deployment_id=record.id)
            ended = _ended(active.test, "failed", "", InternalError("The load test failed."))
        finally:
            guard.cancel()
            await asyncio.gather(guard, return_exceptions=True)
        try:
            await self._store.load_tests.keep(ended)
        finally:
            del self._active[record.id]

    async def _has_turn(self, stop: asyncio.Event) -> bool:
        """Wait until no other test runs; false if `stop` was set before."""
        turn = asyncio.create_task(self._turn.acquire())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({turn, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stop.is_set() and turn.done():
            self._turn.release()
        elif stop.is_set():
            turn.cancel()
        return not stop.is_set()

    async def _run(self, active: Active) -> LoadTestResult | None:
        before: list[BatchTotals] = []

        async def on_warm() -> None:
            before.append(await self._batches(active))
            self._change(active, message="Sending requests.")

        def on_progress(progress: LoadTestProgress) -> None:
            self._change(active, progress=progress)

        self._change(active, state="running", started_at=utc_now(), message="Warming up.")
        await self._store.load_tests.keep(active.test)
        watch = LoadWatch(active.stop, on_warm, on_progress)
        result = await self._generate(active.job, watch)
        if result is None or not before:
            return result
        sizes = between(before[0], await self._batches(active))
        return result.model_copy(update={"batch_size": sizes})

    async def _batches(self, active: Active) -> BatchTotals:
        handle = active.server.handle
        texts = await self._dependencies.runtimes[handle.runtime].metrics(handle)
        return totals([text for text in texts if text])

    async def _guard(self, record: DeploymentRecord, active: Active) -> None:
        """Stop the test when its deployment no longer runs, or runs another server."""
        with self._journal.watch(record.id) as events:
            while True:
                why, failure = await self._ending(record, active)
                if why:
                    active.end(why, failure)
                    return
                try:
                    await events.next(_CHECK_SECONDS)
                except SlowWatcher:
                    await asyncio.sleep(1)

    async def _ending(
        self, record: DeploymentRecord, active: Active
    ) -> tuple[str, PlatformError | None]:
        try:
            now = await self._store.deployments.get(record.id)
        except Gone:
            return "The deployment was deleted.", None
        server = await self._store.servers.current(record.id)
        if now.state in {State.INITIALIZING, State.FAILED}:
            detail = f"The deployment no longer runs: {now.message}"
            return detail, LoadTestInterrupted(detail)
        if now.state == State.RUNNING and server is not None and server.id != active.server.id:
            return f"The server was replaced during the test: {now.message}", None
        if now.state != State.RUNNING or server is None:
            return f"The deployment was stopped: {now.message}", None
        return "", None

    def _change(self, active: Active, **values: Any) -> None:
        active.test = active.test.model_copy(update=values)


def _of_restart() -> LoadTestInterrupted:
    return LoadTestInterrupted("The control plane stopped while the load test was running.")


def _outcome(active: Active) -> LoadTest:
    """How a test ends that raised no error."""
    if active.failure is not None:
        return _ended(active.test, "failed", "", active.failure)
    if active.stop.is_set():
        return _ended(active.test, "cancelled", active.why)
    return _ended(active.test, "completed", "Completed.")


def _ended(
    test: LoadTest, state: LoadTestState, message: str, error: PlatformError | None = None
) -> LoadTest:
    changes: dict[str, object] = {
        "state": state,
        "message": error.detail if error else message,
        "ended_at": utc_now(),
        "problem": error.problem() if error else None,
    }
    return test.model_copy(update=changes)
