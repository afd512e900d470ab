"""What the checks of a request have in common: their input and their results."""

from dataclasses import dataclass
from typing import Literal

from backend.domain.machine import Machine
from backend.domain.model import Fit, ModelFacts
from backend.domain.plan import PreflightItem
from backend.domain.request import DeploymentRequest
from backend.errors import PlatformError
from backend.pipeline.dependencies import Limits


@dataclass(frozen=True, kw_only=True)
class Case:
    """The input of all checks; sizes in bytes."""

    request: DeploymentRequest
    model: ModelFacts
    machine: Machine
    limits: Limits
    needed_bytes: int
    fit: Fit
    cached: bool
    is_converted: bool
    seal_kinds: list[str]
    unknown_extras: list[str]
    missing_extras: list[str]
    unavailable_libraries: list[str]
    unusable_extra: str | None = None
    speed: str | None


Finding = tuple[PreflightItem, PlatformError | None]


def ok(code: str, title: str, detail: str) -> Finding:
    """A check that passed."""
    return PreflightItem(code=code, verdict="ok", title=title, detail=detail), None


def not_ok(code: str, error: PlatformError, verdict: Literal["warn", "block"] = "block") -> Finding:
    """A check that did not pass; the error is returned if it blocks."""
    problem = error.problem()
    item = PreflightItem(
        code=code,
        verdict=verdict,
        title=problem.title,
        detail=problem.detail,
        remedy=problem.remedy,
        problem_code=problem.code,
    )
    return item, error if verdict == "block" else None


def gigabytes(size: float) -> str:
    """A size in bytes as text, in powers of ten, three significant digits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            value = size / factor
            digits = 0 if value >= 100 else 1 if value >= 10 else 2
            return f"{value:.{digits}f} {unit}"
    return f"{size:.0f} B"
