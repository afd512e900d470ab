"""Memory of one and of eight servers of one model: the product against fresh processes."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

from backend.domain.server import ServerSpec
from backend.transport.http_connection import post
from benchmarks.client import fetch
from benchmarks.figures import ratio
from benchmarks.fresh import fresh_server
from benchmarks.processes import family_of, pss_bytes
from benchmarks.product import Deployed, Product, running_product
from benchmarks.result import Result
from benchmarks.settings import Settings

TITLE = "Memory (PSS), keeper and warm parent included"
PROBE = post("/predict", json.dumps({"inputs": "how much memory is that"}).encode())
# The share of eight fresh processes that eight servers of the product may use.
TARGETS = {"minilm-l6": 1 / 3, "bert-base": 2 / 5}
MB = 1_000_000


def run(settings: Settings, result: Result) -> None:
    """First the product, then the same number of fresh processes."""
    header = ["model", "servers", "product MB", "fresh MB", "product / fresh"]
    table = result.table(TITLE, header)
    counts = (1, 2) if settings.quick else (1, 8)
    for model in list(TARGETS)[: settings.pick(2, 1)]:
        with running_product(settings) as product:
            # Fresh processes after those of the product, whose models they load.
            spec, ours = _product(product, model, counts)
            fresh = _fresh(settings, spec, counts)
        for count in counts:
            share = ratio(ours[count], fresh[count])
            result.row(table, model, count, ours[count] / MB, fresh[count] / MB, share)
        most = max(counts)
        share = ratio(ours[most], fresh[most])
        result.measure(f"{most} servers of {model} over fresh", share, TARGETS[model], "at most")


def _product(
    product: Product, model: str, counts: tuple[int, ...]
) -> tuple[ServerSpec, dict[int, int]]:
    found: dict[int, int] = {}
    running: list[Deployed] = []
    for number in range(1, max(counts) + 1):
        running.append(product.deploy(model, f"server-{number}"))
        fetch(running[-1].port, PROBE)
        if number in counts:
            found[number] = pss_bytes(product.keeper_family())
    for deployed in running:
        product.delete(deployed)
    return running[0].spec, found


def _fresh(settings: Settings, spec: ServerSpec, counts: tuple[int, ...]) -> dict[int, int]:
    found: dict[int, int] = {}
    with (
        tempfile.TemporaryDirectory(dir=settings.scratch) as folder,
        contextlib.ExitStack() as stack,
    ):
        pids: list[int] = []
        for number in range(1, max(counts) + 1):
            started = fresh_server(settings, spec, PROBE, Path(folder) / str(number))
            pids.append(stack.enter_context(started).process.pid)
            if number in counts:
                found[number] = pss_bytes(family_of(pids))
    return found
