"""Generation with a 135 M Llama at concurrency 1, 4, 16, against `generate()` and peers."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.client import post
from benchmarks.figures import median, ratio
from benchmarks.limits import Offline, offline
from benchmarks.models.catalogue import folder_of
from benchmarks.peers import table as peers
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


@dataclass(frozen=True)
class Bench:
    """What all contenders share."""

    settings: Settings
    result: Result
    table: Table
    prompts: list[str]
    levels: tuple[int, ...]
    tokens: int
    limit: Offline

    def offline_rate(self, batch: int) -> float:
        """Tokens per second of `generate()`."""
        given = self.prompts[: max(batch, 2)]
        return self.limit.ask(prompts=given, batch=batch, new_tokens=self.tokens)["rate"]


def run(settings: Settings, result: Result) -> None:
    """The limits in both data types, then the product and the peers beside bfloat16."""
    levels = QUICK_LEVELS if settings.quick else LEVELS
    tokens = settings.pick(TOKENS, QUICK_TOKENS)
    table = result.table(TITLE, HEADER)
    folder = folder_of(MODEL, settings.cache)
    given = prompts(settings, max(levels))
    found: dict[str, dict[int, Level]] = {}
    with running_product(settings) as product:
        deployed = product.deploy(MODEL)
        with _limit(settings, deployed.spec.dtype) as limit:
            bench = Bench(settings, result, table, given, levels, tokens, limit)
            name = f"Slipway ({deployed.engine})"
            found["product"] = _measure(bench, name, deployed.port, _predict)
        dtype = deployed.spec.dtype
    with _limit(settings, "bfloat16") as limit:
        bench = Bench(settings, result, table, given, levels, tokens, limit)
        if dtype != "bfloat16":
            _note_dtypes(bench, settings)
        for running in peers.each("generation", folder, given[0], settings, result):
            generate = running.peer.generate
            assert generate is not None
            found[running.peer.name] = _measure(bench, running.peer.name, running.port, generate)
        facts = limit.ask(prompts=given[:1], batch=1, new_tokens=2)
    _conclude(bench, found, facts["bandwidth"] / facts["weight_bytes"])


@contextlib.contextmanager
def _limit(settings: Settings, dtype: str) -> Iterator[Offline]:
    folder = folder_of(MODEL, settings.cache)
    with offline(settings, "generation", folder, dtype) as limit:
        yield limit


def _predict(prompt: str, count: int) -> bytes:
    parameters = {"max_new_tokens": count, "do_sample": False}
    body = {"inputs": prompt, "parameters": parameters, "stream": True}
    return post("/predict", json.dumps(body).encode())


def _note_dtypes(bench: Bench, settings: Settings) -> None:
    """The product was compared with its own data type; the other one is faster or slower."""
    with _limit(settings, "float32") as full:
        other = full.ask(prompts=bench.prompts[:2], batch=1, new_tokens=bench.tokens)["rate"]
    share = ratio(bench.offline_rate(1), other)
    bench.result.note(f"generate() in bfloat16 is {share:.2f} x float32, batch 1")


def _measure(bench: Bench, name: str, port: int, request: Request) -> dict[int, Level]:
    found = {level: Level() for level in bench.levels}
    batches = (1, max(bench.levels))
    for _ in range(bench.settings.pick(2, 1)):
        before = [bench.offline_rate(batch) for batch in batches]
        runs = {level: _streams(bench, port, request, level) for level in bench.levels}
        after = [bench.offline_rate(batch) for batch in batches]
        for at, streams in runs.items():
            found[at].runs.append(streams)
            for batch, early, late in zip(batches, before, after, strict=True):
                share = ratio(streams.rate, (early + late) / 2)
                found[at].shares.setdefault(batch, []).append(share)
    for at, level in found.items():
        bench.result.row(
            bench.table, name, at, level.of(lambda one: one.rate),
            *(level.share(batch) for batch in batches),
            level.of(lambda one: one.first(0.5)), level.of(lambda one: one.first(0.99)),
            level.of(lambda one: 1000 * one.gap(0.5)), level.of(lambda one: 1000 * one.gap(0.99)),
            sum(one.errors for one in level.runs),
        )  # fmt: skip
    return found


def _streams(bench: Bench, port: int, request: Request, level: int) -> Streams:
    given = bench.prompts[: max(level, 2)]
    return run_streams(port, [request(one, bench.tokens) for one in given], level, bench.tokens)


def _conclude(bench: Bench, found: dict[str, dict[int, Level]], bound: float) -> None:
    high, result = max(bench.levels), bench.result
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
