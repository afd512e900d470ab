"""Embeddings of mixed lengths: the product and peers against the offline limits."""

from __future__ import annotations

import json
import math

from backend.transport.http_connection import post
from benchmarks.client import fetch
from benchmarks.figures import cosine, ratio
from benchmarks.limits import Offline
from benchmarks.models.catalogue import MODELS, folder_of
from benchmarks.peers import table as peers
from benchmarks.product import Deployed, running_product
from benchmarks.result import Curve, Plot, Result, Table
from benchmarks.serving import FULL, OWN, Contender, Level, float32_limit, limits_of, measure
from benchmarks.settings import Settings
from benchmarks.workloads import Workload, mixed_texts

TITLE = "Embeddings, MiniLM-L6, mixed lengths"
MODEL = "minilm-l6"
LEVELS, QUICK_LEVELS = (1, 8, 32, 64), (1, 8)
HEADER = [
    "server", "concurrency", "of torch float32", "of its engine", "of its engine, waiting only",
    "p50 ms", "p99 ms", "errors",
]  # fmt: skip
VECTORS = 4
PRODUCTS = ("default", "exact")

Found = dict[str, dict[int, Level]]


def run(settings: Settings, result: Result) -> None:
    """Deploy with default settings and in float32, then the peers, one after the other."""
    work = mixed_texts(settings, MODEL)
    table = result.table(TITLE, HEADER)
    found: Found = {}
    with running_product(settings) as product:
        default = product.deploy(MODEL, "default")
        found["default"] = _product(settings, result, table, default, work)
        product.delete(default)
        if default.spec.dtype == "float32":
            found["exact"] = found["default"]
        else:
            exact = product.deploy(MODEL, "exact", dtype="float32")
            found["exact"] = _product(settings, result, table, exact, work)
    _peers(settings, result, table, work, found)
    _conclude(result, found)


def _product(
    settings: Settings, result: Result, table: Table, deployed: Deployed, work: Workload
) -> dict[int, Level]:
    levels = QUICK_LEVELS if settings.quick else LEVELS
    name = deployed.value["name"]
    with limits_of(settings, deployed, work.items, [None, *levels]) as limits:
        contender = Contender(name, deployed.port, work.requests())
        found = measure(contender, limits, levels, settings.pick(3, 1))
        smallest = _cosine(limits.programs[FULL], deployed, work)
    _rows(result, table, f"Slipway, {name} ({deployed.engine})", found)
    target = 0.999 if name == "default" else 0.99999
    result.measure(f"{name}: smallest cosine to float32", smallest, target)
    return found


def _rows(result: Result, table: Table, name: str, found: dict[int, Level]) -> None:
    for concurrency, level in found.items():
        result.row(
            table, name, concurrency, level.share(FULL), level.share(OWN),
            level.share(OWN, concurrency), level.p50_ms, level.p99_ms, level.errors,
        )  # fmt: skip


def _peers(settings: Settings, result: Result, table: Table, work: Workload, found: Found) -> None:
    folder = folder_of(MODEL, settings.cache)
    levels = list(found["default"])
    for running in peers.each("embeddings", folder, work.items[0], settings, result):
        requests = [running.peer.embed(text) for text in work.items]
        contender = Contender(running.peer.name, running.port, requests)
        with float32_limit(settings, folder, MODELS[MODEL].task, work.items) as limits:
            measured = measure(contender, limits, levels, settings.pick(3, 1))
        _rows(result, table, running.peer.name, measured)
        found[running.peer.name] = measured


def _cosine(full: Offline, deployed: Deployed, work: Workload) -> float:
    """Smallest cosine between served embeddings and those of transformers in float32."""
    expected = full.ask(vectors=VECTORS)["vectors"]
    body = json.dumps({"inputs": work.items[:VECTORS]}).encode()
    served = json.loads(fetch(deployed.port, post("/predict", body)).body)
    return min(cosine(one, other) for one, other in zip(expected, served, strict=True))


def _best(found: Found, concurrency: int) -> tuple[float, float]:
    """Highest rate, as a share of torch float32, and lowest p99 in milliseconds of all peers."""
    levels = [found[name][concurrency] for name in found if name not in PRODUCTS]
    rates = [level.share(FULL) for level in levels if not level.errors]
    times = [level.p99_ms for level in levels if not level.errors]
    return max(rates, default=math.nan), min(times, default=math.nan)


def _conclude(result: Result, found: Found) -> None:
    high = max(level for level in found["default"] if level <= 32)
    rate, p99 = _best(found, high)
    for name, faster in (("default", 3.5), ("exact", 2.3)):
        level = found[name][high]
        at = f"{name}, c={high}"
        result.measure(f"{at}: of its engine, waiting only", level.share(OWN, high), 0.95)
        result.measure(f"{at}: of its engine, all sorted", level.share(OWN), 0.85)
        result.measure(f"{at}: rate over the best peer", ratio(level.share(FULL), rate), faster)
    default = found["default"]
    result.measure(
        f"default, c={high}: p99 over the best peer", ratio(default[high].p99_ms, p99), 0.5,
        "at most",
    )  # fmt: skip
    alone, _ = _best(found, 1)
    result.measure("default, c=1: of its engine, one at a time", default[1].share(OWN, 1), 0.75)
    result.measure(
        "default, c=1: rate over the best peer", ratio(default[1].share(FULL), alone), 1.6
    )
    curves = [
        Curve(name=name, points=[(at, level.share(FULL)) for at, level in levels.items()])
        for name, levels in found.items()
    ]
    result.plots.append(
        Plot(
            name="embeddings",
            title=TITLE,
            x="concurrency",
            y="rate / torch float32 offline",
            curves=curves,
        )
    )
