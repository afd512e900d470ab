"""Asks every running server for its numbers, privately: the public port tells of one worker."""

import asyncio
import time
from dataclasses import dataclass, field

import structlog
from prometheus_client.parser import text_string_to_metric_families

from backend.domain.deployment import State
from backend.pipeline.idle import IdleWatch
from backend.pipeline.ports import Ports
from backend.progress.history import History, Point
from backend.store import Store
from backend.store.records import ServerRecord

log = structlog.get_logger(__name__)
EVERY_SECONDS = 5.0


@dataclass
class Latest:
    """The newest texts of every deployment's workers, and deployments' names, by id."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    names: dict[str, str] = field(default_factory=dict[str, str])


class Scraper:
    """Fills the history, and keeps the newest texts for /metrics."""

    def __init__(
        self, store: Store, ports: Ports, history: History, latest: Latest, idle: IdleWatch
    ) -> None:
        self._store = store
        self._ports = ports
        self._history = history
        self._latest = latest
        self._idle = idle

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except Exception:
                log.exception("scrape_failed")
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """One round over all running deployments."""
        living = await self._store.deployments.living()
        self._history.forget({item.id for item in living})
        self._latest.names = {item.id: item.name for item in living}
        running = [item.id for item in living if item.state == State.RUNNING]
        servers = await self._store.servers.currents(running)
        texts = self._latest.texts
        self._latest.texts = {key: text for key, text in texts.items() if key in servers}
        await asyncio.gather(*(self._one(key, server) for key, server in servers.items()))

    async def _one(self, deployment_id: str, server: ServerRecord) -> None:
        runtime = self._ports.runtimes[server.handle.runtime]
        texts = [text for text in await runtime.metrics(server.handle) if text]
        if not texts:
            return
        memory = await runtime.memory(server.handle)
        self._latest.texts[deployment_id] = texts
        seen = point(texts, memory.measured_bytes)
        self._history.add(deployment_id, seen)
        await self._idle.saw(deployment_id, server.version, seen)
        if server.memory is None or _changed(server.memory.measured_bytes, memory.measured_bytes):
            await self._store.servers.measure(server.id, memory)


def _changed(old: int | None, new: int | None) -> bool:
    return old is None or new is None or abs(new - old) > 0.02 * old


def point(texts: list[str], memory: int | None) -> Point:
    """What the dashboard needs of the exposition texts of a deployment's workers, added up."""
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
