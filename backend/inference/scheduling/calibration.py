"""Measures how much padding costs as much time as a call of the model."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

from backend.inference.adapters.base import Prepared
from backend.inference.scheduling.job import Done

_ROWS, _PAIRS, _MOST_SECONDS = 4, 3, 0.5

Run = Callable[[Sequence[Prepared]], Awaitable[list[Done]]]


async def slack_of(run: Run, sample: Prepared, most_rows: int) -> float:
    """The slack of `grouping.choose`, in the unit of `Prepared.size`; 0 if inputs run alone.

    One row takes the time of a call and that of its tokens, further rows only the latter. The
    medians of up to three measurements, which take half a second at most.
    """
    rows = min(_ROWS, most_rows // max(1, len(sample.rows)))
    if rows < 2:
        return 0.0
    began = time.monotonic()
    single: list[float] = []
    several: list[float] = []
    while len(single) < _PAIRS and (not single or time.monotonic() - began < _MOST_SECONDS):
        [alone] = await run([sample])
        together = await run([sample] * rows)
        if len({done.group for done in together}) > 1:
            return 0.0
        single.append(alone.took)
        several.append(together[0].took)
    one = statistics.median(single)
    further = (statistics.median(several) - one) / (rows - 1)
    width = sample.size / max(1, len(sample.rows))
    # Where further rows cost next to nothing, the limit on the size of a group decides.
    return width * max(0.0, one / max(further, one / 1000) - 1)
