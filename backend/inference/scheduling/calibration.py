"""Measures how much padding costs as much time as a call of the model, and whether it is seen."""

import math
import statistics
import time
from collections.abc import Sequence

from backend.inference.adapters.base import Prepared
from backend.inference.scheduling.agreement import differs
from backend.inference.scheduling.batched import Batcher

_ROWS, _PAIRS, _MOST_SECONDS = 4, 3, 0.5
# A model of which one input takes longer has little use of groups on this machine.
_SLOW_SECONDS = 0.25
# Rounding of sums in float32, and in the half precisions, of the largest value of a result.
EXACT, _HALF_PRECISION = 1e-4, 0.02


async def measured_slack(
    batcher: Batcher, samples: Sequence[Prepared], most_rows: int, *, is_exact: bool
) -> float:
    """The slack of `grouping.choose`, in the unit of `Prepared.size`; 0 if rows are not padded.

    One row takes the time of a call and that of its tokens, further rows only the latter. The
    medians of up to three measurements are taken, none if the first sample is slow. Some
    architectures, such as FNet, mix padding into the result: of them only rows of equal length
    share a group. `is_exact`: the model computes in float32.
    """
    sample = samples[0]
    rows = min(_ROWS, most_rows // max(1, len(sample.rows)))
    [first] = await batcher.run([sample])
    if rows < 2 or first.took > _SLOW_SECONDS:
        return 0.0
    if await _sees_padding(batcher, samples, EXACT if is_exact else _HALF_PRECISION):
        return 0.0
    began = time.monotonic()
    single: list[float] = []
    several: list[float] = []
    while len(single) < _PAIRS and (not single or time.monotonic() - began < _MOST_SECONDS):
        [alone] = await batcher.run([sample])
        together = await batcher.run([sample] * rows)
        if len({done.group for done in together}) > 1:
            return 0.0
        single.append(alone.took)
        several.append(together[0].took)
    one = statistics.median(single)
    further = (statistics.median(several) - one) / (rows - 1)
    width = sample.size / max(1, len(sample.rows))
    # Where further rows cost next to nothing, the limit on the size of a group decides.
    return width * max(0.0, one / max(further, one / 1000) - 1)


async def _sees_padding(batcher: Batcher, samples: Sequence[Prepared], tolerance: float) -> bool:
    """Whether the shorter of two samples has another result beside the longer one; true if two of
    different lengths cannot be compared."""
    shorter, longer = min(samples, key=_size), max(samples, key=_size)
    if shorter.size == longer.size:
        return True
    [alone] = await batcher.run([shorter])
    batcher.slack = math.inf
    beside, other = await batcher.run([shorter, longer])
    batcher.slack = 0.0
    return beside.group != other.group or differs(alone.raw, beside.raw, tolerance)


def _size(sample: Prepared) -> int:
    return sample.size
