"""Scrape the metrics of every running server on its control socket.

The public port would reach only one worker. One timer for all deployments: every second it reads
the load from the liveness probes, which costs no request and no SQL. A server is scraped when
its metrics are requested, every 5 s while it has requests, and once a minute otherwise.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import structlog
from prometheus_client.parser import text_string_to_metric_families

from backend.domain.deployment import State
from backend.domain.server import ServerLoad
from backend.pipeline.dependencies import PipelineDependencies
from backend.pipeline.idle_monitor import IdleMonitor
from backend.progress.history import History, Point
from backend.store import Store
from backend.store.records import ServerRecord

log = structlog.get_logger(__name__)
TICK_SECONDS = 1.0
ACTIVE_SECONDS, QUIET_SECONDS = 5.0, 60.0
# Minimum distance of two points, so that the history covers an hour.
POINT_SECONDS = 4.0
# Rows are read again after a write, at most this often; without a write, once a minute.
REFRESH_SECONDS, TRUST_SECONDS = 5.0, 60.0
AT_ONCE = 8


@dataclass
class LatestMetrics:
    """The latest exposition texts of each deployment's workers, and deployment names, by id."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    names: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Running:
    """A running deployment; `idle_limit`: seconds without requests before it scales to zero."""

    id: str
    server: ServerRecord
    idle_limit: int | None


@dataclass(kw_only=True)
class Scraped:
    """The last scrape of a deployment. Its load did not change until `quiet_until` (Unix time)."""

    at: float
    load: ServerLoad | None
    measured_bytes: int | None
    quiet_until: float


class Scraper:
    """Fills the history, keeps the latest texts for /metrics, and scales idle deployments to zero.

    `run` owns the timer; `look` may be called at any time.
    """

    def __init__(
        self,
        store: Store,
        dependencies: PipelineDependencies,
        history: History,
        latest: LatestMetrics,
        idle: IdleMonitor,
    ) -> None:
        self._store = store
        self._dependencies = dependencies
        self._history = history
        self._latest = latest
        self._idle = idle
        self._running: dict[str, Running] = {}
        self._scraped: dict[str, Scraped] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._seen_writes: int = -1
        self._read_at = 0.0

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            while True:
                try:
                    await self._tick()
                except Exception:
                    log.exception("scrape_failed")
                await asyncio.sleep(TICK_SECONDS)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def refresh(self, deployment_id: str | None = None, *, max_age: float) -> None:
        """Scrape one deployment, or all, unless the last scrape is under `max_age` seconds old."""
        await self._refresh(0.0)
        wanted = [one for one in self._running.values() if deployment_id in {None, one.id}]
        await asyncio.gather(*(self._scrape(one, max_age) for one in wanted))

    async def _tick(self) -> None:
        await self._refresh(REFRESH_SECONDS)
        for one in self._running.values():
            load = self._load(one)
            if load is not None and self._idle.is_idle(one.id, one.idle_limit, load):
                self._begin(one.id, partial(self._idle.sleep, one.id, one.idle_limit or 0))
            elif self._is_due(one.id, load):
                self._begin(one.id, partial(self._scrape, one, 0.0))

    def _load(self, one: Running) -> ServerLoad | None:
        handle = one.server.handle
        return self._dependencies.runtimes[handle.runtime].load(handle)

    def _is_due(self, deployment_id: str, load: ServerLoad | None) -> bool:
        last = self._scraped.get(deployment_id)
        if last is None:
            return True
        is_quiet = load is not None and load == last.load and load.in_flight == 0
        if is_quiet:
            last.quiet_until = time.time()
        every = QUIET_SECONDS if is_quiet else ACTIVE_SECONDS
        return time.monotonic() - last.at >= every

    def _begin(self, deployment_id: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start at most one task per deployment, so that a slow server does not delay others."""
        if deployment_id in self._tasks:
            return
        task = asyncio.ensure_future(self._guarded(deployment_id, work))
        self._tasks[deployment_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(deployment_id, None))

    async def _guarded(self, deployment_id: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("scrape_failed", deployment_id=deployment_id)

    async def _refresh(self, pause: float) -> None:
        """Read the running deployments again after a write, at most every `pause` seconds."""
        writes, now = self._store.database.writes, time.monotonic()
        is_old = now - self._read_at >= TRUST_SECONDS
        if not is_old and (writes == self._seen_writes or now - self._read_at < pause):
            return
        self._seen_writes, self._read_at = writes, now
        living = await self._store.deployments.living()
        running = [item.id for item in living if item.state == State.RUNNING]
        servers = await self._store.servers.currents(running)
        versions = await self._store.versions.many(
            [(key, server.version) for key, server in servers.items()]
        )
        self._running = {
            key: Running(
                id=key,
                server=server,
                idle_limit=versions[key].request.serving.idle_timeout_seconds,
            )
            for key, server in servers.items()
        }
        self._latest.names = {item.id: item.name for item in living}
        self._history.forget({item.id for item in living})
        self._idle.forget(self._running)
        for kept in (self._latest.texts, self._scraped, self._locks):
            for key in kept.keys() - self._running.keys():
                del kept[key]

    async def _scrape(self, one: Running, max_age: float) -> None:
        """Scrape one deployment. Concurrent callers share one scrape."""
        started = time.monotonic()
        async with self._locks.setdefault(one.id, asyncio.Lock()), self._slots:
            last = self._scraped.get(one.id)
            if last is None or last.at <= started - max_age:
                await self._fetch(one, last)

    async def _fetch(self, one: Running, last: Scraped | None) -> None:
        load, at = self._load(one), time.monotonic()
        runtime = self._dependencies.runtimes[one.server.handle.runtime]
        texts = [text for text in await runtime.metrics(one.server.handle) if text]
        if not texts:
            return
        memory = await runtime.memory(one.server.handle)
        seen = point(texts, memory.measured_bytes)
        self._latest.texts[one.id] = texts
        self._remember(one.id, seen, last)
        known = one.server.memory.measured_bytes if one.server.memory else None
        if _changed(last.measured_bytes if last else known, memory.measured_bytes):
            await self._store.servers.measure(one.server.id, memory)
            known = memory.measured_bytes
        elif last is not None:
            known = last.measured_bytes
        self._scraped[one.id] = Scraped(at=at, load=load, measured_bytes=known, quiet_until=seen.at)

    def _remember(self, deployment_id: str, seen: Point, last: Scraped | None) -> None:
        """Add a point, and one at the end of an idle time before it, when nothing changed."""
        newest = self._history.newest(deployment_id)
        if newest is not None and last is not None:
            if seen.at - newest.at < POINT_SECONDS:
                return
            if min(last.quiet_until - newest.at, seen.at - last.quiet_until) >= TICK_SECONDS / 2:
                self._history.add(deployment_id, newest.model_copy(update={"at": last.quiet_until}))
        self._history.add(deployment_id, seen)


def _changed(old: int | None, new: int | None) -> bool:
    return old is None or new is None or abs(new - old) > 0.02 * old


def point(texts: list[str], memory: int | None) -> Point:
    """Sum the exposition texts of a deployment's workers into a point of the history."""
    requests: dict[str, float] = {}
    buckets: dict[str, float] = {}
    plain: dict[str, float] = {}
    families = (family for text in texts for family in text_string_to_metric_families(text))
    for family in families:
        for sample in family.samples:
            if sample.name == "slipway_requests_total":
                kind = f"{sample.labels.get('status', '?')[:1]}xx"
                requests[kind] = requests.get(kind, 0.0) + sample.value
            elif sample.name == "slipway_request_duration_seconds_bucket":
                bound = sample.labels["le"]
                buckets[bound] = buckets.get(bound, 0.0) + sample.value
            else:
                plain[sample.name] = plain.get(sample.name, 0.0) + sample.value
    return Point(
        at=time.time(),
        requests=requests,
        buckets=buckets,
        duration_sum=plain.get("slipway_request_duration_seconds_sum", 0.0),
        queue_depth=plain.get("slipway_queue_depth", 0.0),
        in_flight=plain.get("slipway_requests_in_flight", 0.0),
        batch_size_sum=plain.get("slipway_batch_size_sum", 0.0),
        batch_count=plain.get("slipway_batch_size_count", 0.0),
        memory_bytes=memory,
    )
