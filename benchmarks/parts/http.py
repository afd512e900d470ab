"""Overhead of HTTP: the product's server without a model against a bare FastAPI route."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.domain.server import ServerSpec
from backend.transport.http_connection import post
from benchmarks.client import Load, run_for
from benchmarks.figures import median, ratio
from benchmarks.fresh import fresh_server
from benchmarks.peers import table as peers
from benchmarks.processes import environment, free_port, process, wait_until_up
from benchmarks.result import Result, Table
from benchmarks.settings import Settings

TITLE = "HTTP without a model"
ONE = json.dumps({"inputs": "What a wonderful film"}).encode()
MANY = json.dumps({"inputs": [f"text {number}" for number in range(32)]}).encode()
LEVELS = (1, 32)
REFERENCE, PRODUCT = "FastAPI typed", "Slipway /predict"
HEADER = ["server", "connections", "requests/s", "p50 ms", "of FastAPI typed"]

Found = dict[tuple[str, int], list[Load]]


@dataclass(frozen=True)
class Way:
    """A server and the request that it gets."""

    name: str
    port: int
    request: bytes


def run(settings: Settings, result: Result) -> None:
    """All servers run at the same time and are measured in turn; then each peer with FastAPI."""
    table = result.table(TITLE, HEADER)
    with contextlib.ExitStack() as stack:
        ways = list(_ways(settings, stack))
        found = _rounds(settings, ways)
        _rows(result, table, found)
        _conclude(result, found)
        reference = next(way for way in ways if way.name == REFERENCE)
        for running in peers.each("no-op", Path("none"), "hello", settings, result):
            way = Way(running.peer.name, running.port, post("/predict", ONE))
            beside = _rounds(settings, [reference, way])
            _rows(result, table, beside)
            times = ratio(_share(found, PRODUCT, LEVELS[1]), _share(beside, way.name, LEVELS[1]))
            target = 5.0 if way.name == "litserve" else None
            result.measure(f"no-op /predict over {way.name}, connections: 32", times, target)


def _ways(settings: Settings, stack: contextlib.ExitStack) -> Iterator[Way]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.scratch)))
    bare = stack.enter_context(_served(settings, "fastapi_route", folder))
    fixed = stack.enter_context(_served(settings, "fixed", folder))
    labels = stack.enter_context(_product(settings, "text-classification", folder))
    vectors = stack.enter_context(_product(settings, "feature-extraction", folder))
    yield Way("client alone", fixed, post("/predict", ONE))
    yield Way(REFERENCE, bare, post("/predict", ONE))
    yield Way(PRODUCT, labels, post("/predict", ONE))
    yield Way("FastAPI untyped 32 x 384", bare, post("/untyped", MANY))
    yield Way("Slipway 32 x 384", vectors, post("/predict", MANY))


@contextlib.contextmanager
def _served(settings: Settings, name: str, folder: Path) -> Generator[int]:
    port, log = free_port(), folder / f"{name}.log"
    command = [sys.executable, "-m", f"benchmarks.servers.{name}", str(port)]
    with process(command, settings.cores.server, log, environment()) as started:
        wait_until_up(port, started, log, 60)
        yield port


@contextlib.contextmanager
def _product(settings: Settings, task: str, folder: Path) -> Generator[int]:
    spec = ServerSpec(
        deployment_id="bench", name=task, version=1, generation=1, model_id="bench/no-op",
        commit="0" * 40, model_dir=str(folder), task=task, python=sys.executable,
    )  # fmt: skip
    started = fresh_server(
        settings, spec, post("/predict", ONE), folder / task, "benchmarks.servers.no_op"
    )
    with started as server:
        yield server.port


def _rounds(settings: Settings, ways: list[Way]) -> Found:
    seconds = 0.5 if settings.quick else 2.0
    found: Found = {}
    for way in ways:
        run_for(way.port, way.request, 1, 0.2)
    for _ in range(settings.pick(5, 1)):
        for connections in LEVELS:
            for way in ways:
                load = run_for(way.port, way.request, connections, seconds)
                found.setdefault((way.name, connections), []).append(load)
    return found


def _rate(found: Found, name: str, connections: int) -> float:
    return median(load.rate for load in found[name, connections])


def _share(found: Found, name: str, connections: int) -> float:
    """Rate as a share of the typed FastAPI route that was measured in the same rounds."""
    return ratio(_rate(found, name, connections), _rate(found, REFERENCE, connections))


def _rows(result: Result, table: Table, found: Found) -> None:
    for (name, connections), loads in found.items():
        latency = median(load.p50_ms for load in loads)
        rate, share = _rate(found, name, connections), _share(found, name, connections)
        result.row(table, name, connections, rate, latency, share)


def _conclude(result: Result, found: Found) -> None:
    for connections in LEVELS:
        share = _share(found, PRODUCT, connections)
        result.measure(f"no-op /predict over FastAPI, connections: {connections}", share, 0.9)
    own = median(load.p50_ms for load in found[PRODUCT, 1])
    result.note(f"no-op /predict on one connection takes {own:.2f} ms")
    times = ratio(_rate(found, "FastAPI untyped 32 x 384", 1), _rate(found, "Slipway 32 x 384", 1))
    result.measure("32 x 384: time over FastAPI untyped", times, 1 / 20, "at most")
