"""Overhead of the control plane's proxy: the same requests direct and through `/d/NAME`.

Proxy and model server share the core, so that the ratio is about CPU time.
"""

from __future__ import annotations

from backend.transport.http_connection import post
from benchmarks.client import Load, run_for
from benchmarks.figures import median, ratio
from benchmarks.product import running_product
from benchmarks.result import Result
from benchmarks.settings import Settings

TITLE = "Requests through the proxy of the control plane"
BODY = b'{"inputs": "What a wonderful film"}'
LEVELS = (1, 32)
HEADER = ["connections", "direct ms", "proxy ms", "direct requests/s", "proxy requests/s", "ratio"]


def run(settings: Settings, result: Result) -> None:
    """Measure both paths alternately; medians over the rounds."""
    table = result.table(TITLE, HEADER)
    seconds = 1.0 if settings.quick else 4.0
    with running_product(settings) as product:
        deployed = product.deploy_starter("sentiment", "bench")
        ways = {
            "direct": (deployed.port, post("/predict", BODY)),
            "proxy": (product.plane.base, post("/d/bench/predict", BODY)),
        }
        for port, request in ways.values():
            run_for(port, request, 1, 0.5)
        for connections in LEVELS:
            found: dict[str, list[Load]] = {way: [] for way in ways}
            for _ in range(settings.pick(3, 1)):
                for way, (port, request) in ways.items():
                    found[way].append(run_for(port, request, connections, seconds))
            rates = {way: median(load.rate for load in loads) for way, loads in found.items()}
            times = {way: median(load.p50_ms for load in loads) for way, loads in found.items()}
            share = ratio(rates["proxy"], rates["direct"])
            result.row(table, connections, *times.values(), *rates.values(), share)
            result.measure(f"rate through the proxy, connections: {connections}", share)
