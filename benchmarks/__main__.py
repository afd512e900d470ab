"""`python -m benchmarks [PART …]`: run parts of the bench and write RESULTS.md.

`make bench PART="embeddings http"` does the same. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from benchmarks.cores import can_pin, choose, on_core
from benchmarks.peers.table import PEERS
from benchmarks.processes import ROOT
from benchmarks.report import save, write
from benchmarks.result import Result
from benchmarks.settings import Settings

# In this order in RESULTS.md; each is a file in benchmarks/parts.
PARTS = (
    "embeddings",
    "classification",
    "generation",
    "start",
    "memory",
    "http",
    "proxy",
    "growth",
    "download",
)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line; exits with status 2 and a message if it is invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: all ({_list(PARTS)})")
    parser.add_argument(
        "--quick", action="store_true", help="under a minute per part; figures are no result"
    )
    parser.add_argument("--long", action="store_true", help="also download a file of 5 GB")
    parser.add_argument(
        "--peers", default="naive", help=f"comma-separated, `all` or `none` ({_list(PEERS)})"
    )
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "var" / "bench", help="folder of models and peers"
    )
    given = parser.parse_args(argv)
    given.parts = given.parts or list(PARTS)
    names = {"all": list(PEERS), "none": []}.get(given.peers)
    given.peers = given.peers.split(",") if names is None else names
    for unknown in sorted({*given.parts} - {*PARTS}):
        parser.error(f"unknown part {unknown!r}; available: {_list(PARTS)}")
    for unknown in sorted({*given.peers} - {*PEERS}):
        parser.error(f"unknown peer {unknown!r}; available: {_list(PEERS)}")
    return given


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def main() -> int:
    """Run the chosen parts; the status is 1 if one failed."""
    given = arguments()
    cores = choose()
    settings = Settings(
        cores=cores, cache=given.cache.resolve(), quick=given.quick, long=given.long,
        peers=tuple(given.peers),
    )  # fmt: skip
    if not (can_pin() and cores.are_apart):
        print(
            "warning: server and client share cores, so that ratios are lower than they should be"
        )
    # Ending as an exception, so that every process that the bench started is ended, too.
    signal.signal(signal.SIGTERM, _terminated)
    failed: list[str] = []
    with on_core(cores.client):
        for name in given.parts:
            failed += [] if _run(name, settings) else [name]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _terminated(number: int, frame: FrameType | None) -> None:
    del frame
    sys.exit(128 + number)


def _run(name: str, settings: Settings) -> bool:
    """Run one part; a failure does not keep the others from running."""
    print(f"\n=== {name}", flush=True)
    part = importlib.import_module(f"benchmarks.parts.{name}")
    result = Result(name)
    began = time.perf_counter()
    try:
        part.run(settings, result)
    except Exception:  # noqa: BLE001 - the other parts still run, and the status tells it
        traceback.print_exc()
        return False
    seconds = time.perf_counter() - began
    # Quick figures never replace results.
    kept = settings.cache / ("quick" if settings.quick else "results")
    save(result, kept, seconds)
    document = write(PARTS, kept, kept if settings.quick else ROOT / "benchmarks")
    print(f"=== {name}: {seconds:.0f} s, {document}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
