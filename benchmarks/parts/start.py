"""Time to ready of a model server, and from POST to `running`, against importing the libraries."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from backend.domain.server import ServerSpec
from backend.transport.http_connection import post
from benchmarks.cores import on_core
from benchmarks.figures import median, ratio
from benchmarks.fresh import fresh_server
from benchmarks.models.catalogue import folder_of
from benchmarks.peers import table as peers
from benchmarks.processes import environment
from benchmarks.product import Product, running_product
from benchmarks.result import Result
from benchmarks.settings import Settings

TITLE = "Time to ready"
MODEL = "minilm-l6"
PROBE = post("/predict", json.dumps({"inputs": "are you ready"}).encode())
IMPORTS = "import torch; from transformers import pipeline"
IMPORT_SECONDS = 180
# The goal is 0.6 s from POST to `running` where the imports take 3 s.
POST_TARGET = 0.2


def run(settings: Settings, result: Result) -> None:
    """Fresh processes, then the product, then peers; everything on the server's core."""
    table = result.table(TITLE, ["what", "seconds", "of importing torch and transformers"])
    repeats = settings.pick(3, 1)
    imports = median(_imports(settings) for _ in range(repeats))
    result.row(table, "import torch and transformers", imports, 1.0)

    def row(name: str, seconds: float) -> float:
        result.row(table, name, seconds, ratio(seconds, imports))
        return seconds

    with running_product(settings) as product:
        first = product.deploy(MODEL, "first")
        spec = first.spec
        product.delete(first)
        posts, starts = zip(*(_posted(product) for _ in range(repeats)), strict=True)
        fresh = row("fresh model server, MiniLM", median(_fresh(settings, spec, repeats)))
    server = row("step `start` of a deployment, MiniLM", median(starts))
    posted = row("POST to `running`, cached MiniLM", median(posts))
    with running_product(settings) as product:
        row("POST to `running`, first starter", _starter(product, "one"))
        again = row("POST to `running`, second starter", _starter(product, "two"))
    best = _peers(settings, result, row)
    result.measure("model server over a fresh process", ratio(server, fresh), 1 / 15, "at most")
    result.measure("model server over the best peer", ratio(server, best), 1 / 15, "at most")
    result.measure(
        "POST to running of a cached starter over importing", ratio(again, imports), POST_TARGET,
        "at most",
    )  # fmt: skip
    result.measure("POST to running of MiniLM over importing", ratio(posted, imports))


def _imports(settings: Settings) -> float:
    began = time.perf_counter()
    with on_core(settings.cores.server):
        subprocess.run(
            [sys.executable, "-c", IMPORTS], env=environment(), check=True, timeout=IMPORT_SECONDS
        )
    return time.perf_counter() - began


def _posted(product: Product) -> tuple[float, float]:
    """Seconds from POST to `running`, and of the step `start`."""
    began = time.perf_counter()
    deployed = product.deploy(MODEL, "again")
    took = time.perf_counter() - began
    steps = {step["name"]: step for step in deployed.value["progress"]["steps"]}
    product.delete(deployed)
    return took, steps["start"]["elapsed_seconds"]


def _starter(product: Product, name: str) -> float:
    began = time.perf_counter()
    product.deploy_starter("sentiment", name)
    return time.perf_counter() - began


def _fresh(settings: Settings, spec: ServerSpec, repeats: int) -> list[float]:
    found: list[float] = []
    with tempfile.TemporaryDirectory(dir=settings.scratch) as folder:
        for number in range(repeats):
            with fresh_server(settings, spec, PROBE, Path(folder) / str(number)) as server:
                found.append(server.ready_seconds)
    return found


def _peers(settings: Settings, result: Result, row: Callable[[str, float], float]) -> float:
    """Time to ready of the fastest peer that serves embeddings, from start to first response."""
    folder = folder_of(MODEL, settings.cache)
    best = math.inf
    for running in peers.each("embeddings", folder, "are you ready", settings, result):
        best = min(best, row(f"{running.peer.name}, MiniLM", running.ready_seconds))
    return best if math.isfinite(best) else math.nan
