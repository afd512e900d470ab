"""Runs all candidates on the same inputs in turns, so that a busy machine slows all of them."""

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from backend.domain.choice import LEAST_INPUTS
from backend.domain.deployment import Candidate
from backend.domain.measurement import MeasurementJob
from backend.inference.measurement.contender import Contender
from backend.inference.measurement.inputs import inputs_of

Report = Callable[[str, float, list[Candidate]], None]
# After this many inputs the times are known well enough; a lower precision needs LEAST_INPUTS.
_ENOUGH = 24
_LEAST = 4


def measure(job: MeasurementJob, report: Report) -> list[Candidate]:
    """The candidates with their figures; unchanged if the time is over before enough is known.

    Loading the first model does not count: meanwhile the libraries of its architecture are
    imported.
    """
    contenders = [Contender(job.spec, candidate) for candidate in job.candidates]

    def measured() -> list[Candidate]:
        return [one.measured for one in contenders]

    began = time.monotonic()
    for number, one in enumerate(contenders):
        report(f"loading candidate {number + 1} of {len(contenders)}", 0.0, [])
        one.load()
        if contenders[0].is_out:
            return measured()
        if time.monotonic() - began > job.seconds:
            return _too_slow(job, "loading it takes too long")
        if number == 0:
            began = time.monotonic()
    is_lossy = len({one.dtype for one in job.candidates}) > 1
    count = LEAST_INPUTS if is_lossy else _ENOUGH
    inputs = list(islice(inputs_of(job.spec.task, contenders[0].size), count))
    for number, (item, parameters) in enumerate(inputs):
        left = job.seconds - (time.monotonic() - began)
        spent = job.seconds - left
        if left <= 0:
            return measured() if number >= _LEAST else _too_slow(job, "one input takes too long")
        found = measured() if number >= _LEAST else []
        part = max(number / count, spent / job.seconds)
        report(f"measuring on input {number + 1} of {count}", part, found)
        _round(contenders, item, parameters, number)
    return measured()


def _round(contenders: list[Contender], item: object, parameters: Any, seed: int) -> None:
    reference, *others = contenders
    expected = reference.run(item, parameters, seed)
    if reference.is_out:
        return
    reference.compare(expected, expected)
    for one in others:
        own = None if one.is_out else one.run(item, parameters, seed)
        if not one.is_out:
            one.compare(expected, own)


def _too_slow(job: MeasurementJob, why: str) -> list[Candidate]:
    reason = f"not measured: {why} to compare within {job.seconds:g} s"
    return [one.model_copy(update={"reason": reason}) for one in job.candidates]
