"""Generation with a 135 M Llama at concurrency 1, 4, 16, against `generate()` and peers."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.transport.http_connection import post
from benchmarks.figures import median, ratio
from benchmarks.limits import Offline, offline
from benchmarks.models.catalogue import folder_of
from benchmarks.peers import table as peers
from benchmarks.peers.base import Peer
from benchmarks.product import running_product
from benchmarks.result import Curve, Plot, Result, Table
from benchmarks.settings import Settings
from benchmarks.streams import Streams, run_streams
from benchmarks.workloads import prompts

TITLE = "Generation, Llama 135 M stored in bfloat16"
MODEL = "llama-135m"
LEVELS, QUICK_LEVELS = (1, 4, 16), (1, 2)
HEADER = [
    "server", "concurrency", "tokens/s", "of generate(), batch 1", "of generate(), large batch",
    "TTFT p50 s", "TTFT p99 s", "between tokens p50 ms", "p99 ms", "errors",
]  # fmt: skip
TOKENS, QUICK_TOKENS = 32, 6
DTYPES = ("float32", "bfloat16")
Request = Callable[[str, int], bytes]


@dataclass
class Level:
    """Runs at one concurrency, with their ratios to `generate()` by batch size."""

    runs: list[Streams] = field(default_factory=list[Streams])
    shares: dict[int, list[float]] = field(default_factory=dict[int, list[float]])

    def share(self, batch: int) -> float:
        """Median ratio to `generate()` with this batch size."""
        return median(self.shares.get(batch, []))

    def of(self, value: Callable[[Streams], float]) -> float:
        """Median of a figure over the runs."""
        return median(value(run) for run in self.runs)


Found = dict[str, dict[int, Level]]


@dataclass(frozen=True)
class Bench:
    """Prompts, concurrencies and tokens of all contenders, and the limit beside them."""

    settings: Settings
    prompts: list[str]
    levels: tuple[int, ...]
    tokens: int
    limit: Offline

    @property
    def batches(self) -> tuple[int, int]:
        """Batch sizes of `generate()`: one, and as many as there are streams at most."""
        return 1, max(self.levels)

    def offline_rate(self, batch: int) -> float:
        """Tokens per second of `generate()`."""
        given = self.prompts[: max(batch, 2)]
        return self.limit.ask(prompts=given, batch=batch, new_tokens=self.tokens)["rate"]


def run(settings: Settings, result: Result) -> None:
    """The limits in both data types, then the product beside its own, and peers beside bfloat16."""
    levels = QUICK_LEVELS if settings.quick else LEVELS
    tokens = settings.pick(TOKENS, QUICK_TOKENS)
    given = prompts(settings, max(levels))
    folder = folder_of(MODEL, settings.cache)
    found: Found = {}
    with contextlib.ExitStack() as stack:
        limits = {
            dtype: stack.enter_context(offline(settings, "generation", folder, dtype))
            for dtype in DTYPES
        }
        benches = {
            dtype: Bench(settings, given, levels, tokens, limit) for dtype, limit in limits.items()
        }
        _offline_rows(result, benches)
        table = result.table(TITLE, HEADER)
        with running_product(settings) as product:
            deployed = product.deploy(MODEL)
            bench = benches.get(deployed.spec.dtype, benches["bfloat16"])
            found["product"] = _measure(bench, deployed.port, _predict)
            _rows(result, table, f"Slipway ({deployed.engine})", found["product"], bench)
        for running in peers.each("generation", folder, given[0], settings, result):
            name = running.peer.name
            request = _request_of(running.peer, folder)
            found[name] = _measure(benches["bfloat16"], running.port, request)
            _rows(result, table, name, found[name], benches["bfloat16"])
        facts = limits["bfloat16"].ask(prompts=given[:1], batch=1, new_tokens=2)
    _conclude(result, found, levels, facts["bandwidth"] / facts["weight_bytes"])


def _offline_rows(result: Result, benches: dict[str, Bench]) -> None:
    header = ["data type", "batch", "tokens/s", "of bfloat16, batch 1"]
    table = result.table("generate() without a server", header)
    rates = {
        (dtype, batch): bench.offline_rate(batch)
        for dtype, bench in benches.items()
        for batch in bench.batches
    }
    for (dtype, batch), rate in rates.items():
        result.row(table, dtype, batch, rate, ratio(rate, rates["bfloat16", 1]))


def _predict(prompt: str, count: int) -> bytes:
    parameters = {"max_new_tokens": count, "do_sample": False}
    body = {"inputs": prompt, "parameters": parameters, "stream": True}
    return post("/predict", json.dumps(body).encode())


def _request_of(peer: Peer, model: Path) -> Request:
    generate = peer.generate
    assert generate is not None
    return lambda prompt, count: generate(prompt, count, model)


def _measure(bench: Bench, port: int, request: Request) -> dict[int, Level]:
    found = {level: Level() for level in bench.levels}
    for _ in range(bench.settings.pick(2, 1)):
        before = [bench.offline_rate(batch) for batch in bench.batches]
        runs = {level: _streams(bench, port, request, level) for level in bench.levels}
        after = [bench.offline_rate(batch) for batch in bench.batches]
        for at, streams in runs.items():
            found[at].runs.append(streams)
            for batch, early, late in zip(bench.batches, before, after, strict=True):
                share = ratio(streams.rate, (early + late) / 2)
                found[at].shares.setdefault(batch, []).append(share)
    return found


def _rows(result: Result, table: Table, name: str, found: dict[int, Level], bench: Bench) -> None:
    for at, level in found.items():
        result.row(
            table, name, at, level.of(lambda one: one.rate),
            *(level.share(batch) for batch in bench.batches),
            level.of(lambda one: one.first(0.5)), level.of(lambda one: one.first(0.99)),
            level.of(lambda one: 1000 * one.gap(0.5)), level.of(lambda one: 1000 * one.gap(0.99)),
            sum(one.errors for one in level.runs),
        )  # fmt: skip


def _streams(bench: Bench, port: int, request: Request, level: int) -> Streams:
    given = bench.prompts[: max(level, bench.settings.pick(4, 2))]
    return run_streams(port, [request(one, bench.tokens) for one in given], level, bench.tokens)


def _conclude(result: Result, found: Found, levels: Sequence[int], bound: float) -> None:
    high = max(levels)
    product = found["product"]

    def over(peer: str, level: int, value: Callable[[Streams], float]) -> float:
        if peer not in found:
            return math.nan
        return ratio(product[level].of(value), found[peer][level].of(value))

    def rate(one: Streams) -> float:
        return one.rate

    many = f"c={high}"
    result.measure(f"{many}: over generate(), batch {high}", product[high].share(high), 1.8)
    result.measure(f"{many}: over transformers serve", over("transformers_serve", high, rate), 2.0)
    result.measure(
        f"{many}: TTFT p50 over the naive server",
        over("naive", high, lambda one: one.first(0.5)), 0.05, "at most",
    )  # fmt: skip
    result.measure("c=1: over llama.cpp's server", over("llama_cpp", 1, rate), 1.0)
    result.measure("c=1: of the bandwidth bound", ratio(product[1].of(rate), bound), 0.5)
    curves = [
        Curve(name=name, points=[(at, level.of(rate)) for at, level in levels.items()])
        for name, levels in found.items()
    ]
    result.plots.append(
        Plot(name="generation", title=TITLE, x="concurrency", y="tokens per second", curves=curves)
    )
