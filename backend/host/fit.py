"""Whether a model fits: a verdict and a sentence with both numbers."""

from backend.domain.machine import Machine
from backend.domain.model import Fit

TIGHT_FROM = 0.85


def fit(needed: int | None, machine: Machine, limit: int) -> Fit:
    """Compare `needed` with the free memory and with `limit` for one model, all in bytes."""
    free = machine.memory_free_bytes
    if needed is None:
        return Fit(
            verdict="unknown", needed_bytes=None, free_bytes=free, reason="Its size is unknown."
        )
    need = f"It requires about {gigabytes(needed)}"
    if needed > limit:
        reason = f"{need}, more than the limit of {gigabytes(limit)} for one model."
        return Fit(verdict="does-not-fit", needed_bytes=needed, free_bytes=free, reason=reason)
    reason = f"{need} of the {gigabytes(free)} free memory."
    if needed > free:
        return Fit(verdict="does-not-fit", needed_bytes=needed, free_bytes=free, reason=reason)
    verdict = "tight" if needed > TIGHT_FROM * free else "fits"
    return Fit(verdict=verdict, needed_bytes=needed, free_bytes=free, reason=reason)


def gigabytes(size: float) -> str:
    """A size in bytes as text, in powers of ten."""
    if size < 1e9:
        return f"{size / 1e6:.0f} MB"
    return f"{size / 1e9:.1f} GB"
