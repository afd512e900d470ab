"""Compares servers of one workload, each between two readings of the limits on the same core."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Load, run_all
from benchmarks.figures import median, ratio
from benchmarks.limits import Offline, encoder_limit
from benchmarks.product import Deployed
from benchmarks.settings import Settings

FULL, OWN = "torch float32", "deployment"


@dataclass(frozen=True)
class Contender:
    """A running server and the requests that it gets."""

    name: str
    port: int
    requests: list[bytes]


@dataclass
class Limits:
    """Offline programs by name, and their windows: as many inputs as wait, or all (None)."""

    programs: dict[str, Offline]
    windows: list[int | None]

    def read(self) -> dict[tuple[str, int | None], float]:
        """Items per second by program and window."""
        found: dict[tuple[str, int | None], float] = {}
        for name, program in self.programs.items():
            rates = program.ask(windows=self.windows)["rates"]
            found |= {
                (name, window): rate for window, rate in zip(self.windows, rates, strict=True)
            }
        return found


@dataclass
class Level:
    """Measurements of one server at one concurrency, one entry per repetition."""

    loads: list[Load] = field(default_factory=list[Load])
    shares: dict[tuple[str, int | None], list[float]] = field(
        default_factory=dict[tuple[str, int | None], list[float]]
    )

    def share(self, program: str, window: int | None = None) -> float:
        """Median ratio to this limit; NaN if it was not measured."""
        return median(self.shares.get((program, window), []))

    @property
    def p50_ms(self) -> float:
        """Median over the repetitions."""
        return median(load.p50_ms for load in self.loads)

    @property
    def p99_ms(self) -> float:
        """Median over the repetitions."""
        return median(load.p99_ms for load in self.loads)

    @property
    def errors(self) -> int:
        """Failed requests."""
        return sum(load.errors for load in self.loads)


def measure(
    contender: Contender, limits: Limits, levels: Sequence[int], repeats: int
) -> dict[int, Level]:
    """Measure one server at several concurrencies, with the limits before and after."""
    found = {level: Level() for level in levels}
    run_all(contender.port, contender.requests[:4], 1)
    for _ in range(repeats):
        before = limits.read()
        loads = {level: run_all(contender.port, contender.requests, level) for level in levels}
        after = limits.read()
        for level, load in loads.items():
            found[level].loads.append(load)
            for key, value in before.items():
                limit = (value + after[key]) / 2
                found[level].shares.setdefault(key, []).append(ratio(load.rate, limit))
    return found


@contextlib.contextmanager
def limits_of(
    settings: Settings, deployed: Deployed, items: Sequence[object], windows: list[int | None]
) -> Generator[Limits]:
    """The limits of torch in float32, and of the engine of this deployment."""
    spec = deployed.spec
    model = Path(spec.model_dir)
    with (
        encoder_limit(settings, model, spec.task, items) as full,
        encoder_limit(settings, model, spec.task, items, spec) as own,
    ):
        yield Limits({FULL: full, OWN: own}, windows)


@contextlib.contextmanager
def float32_limit(
    settings: Settings, model: Path, task: str, items: Sequence[object]
) -> Generator[Limits]:
    """The limit of torch in float32 alone, for peers."""
    with encoder_limit(settings, model, task, items) as full:
        yield Limits({FULL: full}, [None])
