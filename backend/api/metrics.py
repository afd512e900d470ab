"""Metrics: time series for the dashboard, and Prometheus text for all deployments."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Query
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.api import problems
from backend.api.deployments import Key
from backend.api.documented import MAY_FAIL
from backend.api.services import Use
from backend.domain.base import Value
from backend.domain.histogram import difference, quantile
from backend.pipeline.metrics_scraper import LatestMetrics
from backend.progress.history import Point
from backend.store import Store

router = APIRouter(tags=["metrics"], responses=MAY_FAIL)
UNITS = {"s": 1, "m": 60, "h": 3600}
# Maximum age of metrics in a response, in seconds; older ones are scraped again.
SERIES_AGE, EXPOSITION_AGE = 4.0, 1.0


class Latency(Value):
    """Latency quantiles in milliseconds; null without requests."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None


class Moment(Value):
    """Metrics of the interval between two scrapes."""

    at: str = Field(description="UTC, ISO 8601.")
    seconds: float = Field(description="Length of the interval.")
    requests: dict[str, float] = Field(description="Requests of the interval by status class.")
    latency_ms: Latency
    queue_depth: float
    in_flight: float
    batch_size: float | None = Field(description="Mean number of inputs per forward pass.")
    memory_bytes: int | None


class Series(Value):
    """Metrics of a time window: of each interval, and in total."""

    window_seconds: int
    interval_seconds: float
    moments: list[Moment]
    requests: dict[str, float]
    requests_per_minute: float
    latency_ms: Latency


def latency(buckets: dict[str, float]) -> Latency:
    """Quantiles in milliseconds, from cumulative counts by upper bound in seconds."""

    def at(share: float) -> float | None:
        value = quantile(share, buckets)
        return None if value is None else round(value * 1000, 3)

    return Latency(p50=at(0.5), p90=at(0.9), p95=at(0.95), p99=at(0.99))


def moment(old: Point, new: Point) -> Moment:
    """Metrics of the interval between two scrapes."""
    runs = new.batch_count - old.batch_count
    return Moment(
        at=datetime.fromtimestamp(new.at, UTC).isoformat(timespec="milliseconds"),
        seconds=round(new.at - old.at, 3),
        requests=difference(new.requests, old.requests),
        latency_ms=latency(difference(new.buckets, old.buckets)),
        queue_depth=new.queue_depth,
        in_flight=new.in_flight,
        batch_size=(new.batch_size_sum - old.batch_size_sum) / runs if runs > 0 else None,
        memory_bytes=new.memory_bytes,
    )


def series(points: Sequence[Point], window: int) -> Series:
    """Metrics of a window of `window` seconds."""
    moments = [moment(old, new) for old, new in pairwise(points)]
    requests: dict[str, float] = {}
    for item in moments:
        for kind, count in item.requests.items():
            requests[kind] = requests.get(kind, 0.0) + count
    buckets: dict[str, float] = {}
    for old, new in pairwise(points):
        for bound, count in difference(new.buckets, old.buckets).items():
            buckets[bound] = buckets.get(bound, 0.0) + count
    seconds = points[-1].at - points[0].at if len(points) > 1 else 0.0
    per_minute = 60 * sum(requests.values()) / seconds if seconds else 0.0
    return Series(
        window_seconds=window,
        interval_seconds=round(seconds / len(moments), 2) if moments else 0.0,
        moments=moments,
        requests=requests,
        requests_per_minute=round(per_minute, 2),
        latency_ms=latency(buckets),
    )


@router.get("/deployments/{key}/metrics")
async def metrics(
    key: Key,
    use: Use,
    window: Annotated[
        str, Query(pattern=r"^[1-9][0-9]{0,3}[smh]$", description="For example `15m` or `1h`.")
    ] = "15m",
) -> Series:
    """Get the time series of the last minutes.

    Servers are scraped by this request, every five seconds while they have requests, and once a
    minute otherwise; an interval without a scrape had no request.
    """
    record = await use.store.deployments.find(key)
    await use.scraper.refresh(record.id, max_age=SERIES_AGE)
    seconds = int(window[:-1]) * UNITS[window[-1]]
    return series(use.history.since(record.id, time.time() - seconds), seconds)


class _Relabelled:
    """Collector of the latest text of every server, with deployment and worker as labels."""

    def __init__(self, latest: LatestMetrics) -> None:
        self._latest = latest

    def collect(self) -> list[Metric]:
        families: dict[str, Metric] = {}
        for deployment_id, texts in self._latest.texts.items():
            name = self._latest.names.get(deployment_id, deployment_id)
            for worker, text in enumerate(texts):
                _merge(families, text, {"deployment": name, "worker": str(worker)})
        return list(families.values())


def _merge(families: dict[str, Metric], text: str, labels: dict[str, str]) -> None:
    for family in text_string_to_metric_families(text):
        merged = families.setdefault(
            family.name, Metric(family.name, family.documentation, family.type)
        )
        for sample in family.samples:
            merged.add_sample(sample.name, {**sample.labels, **labels}, sample.value)


def metrics_app(
    store: Store, latest: LatestMetrics, refresh: Callable[[], Awaitable[None]]
) -> Starlette:
    """The application on METRICS_PORT; `look` refreshes `latest` before every response."""
    registry = CollectorRegistry()
    registry.register(_Relabelled(latest))
    states = Gauge("slipway_deployments", "Deployments by state.", ["state"], registry=registry)

    async def text(_request: Request) -> Response:
        await refresh()
        states.clear()
        for item in await store.deployments.living():
            states.labels(state=str(item.state)).inc()
        return Response(
            generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    app = Starlette(routes=[Route("/metrics", text)])
    problems.install(app)
    return app
