"""How a batch is made: which of the waiting inputs enter the model together.

Padding a row to the longest of its group costs time, and so does each call of the model. An input
joins a group as long as it adds less padding than a call costs; this needs no timer and no fixed
batch size. The oldest input is always in the group, so that no input starves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.inference.scheduling.job import Job


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Maximum of a group: `rows`, and `padded`, the rows times the size of the largest one.

    `padded` has the unit of `Prepared.size`. A single input may exceed both.
    """

    rows: int
    padded: float


def choose(waiting: Sequence[Job], limits: Limits, slack: float) -> list[Job]:
    """The next group, shortest input first; `waiting` is in order of arrival and not empty.

    `slack` is the padding that costs as much time as a call of the model. Inputs that stream their
    result run alone, for they cannot be repeated if the group fails.
    """
    oldest = waiting[0]
    is_alone = len(waiting) == 1 or oldest.prepared.on_piece is not None
    if is_alone or limits.rows <= oldest.rows:
        return [oldest]
    alike = sorted((job for job in waiting if _may_join(job, oldest)), key=lambda job: job.width)
    place = alike.index(oldest)
    below, above = place - 1, place + 1
    group = _Group(oldest)
    while True:
        found = [(group.padding_with(alike[i]), i) for i in (below, above) if 0 <= i < len(alike)]
        padding, best = min(found, default=(0.0, -1))
        if best < 0 or padding > slack or not group.has_room(alike[best], limits):
            return alike[below + 1 : above]
        group.add(alike[best])
        below, above = (below - 1, above) if best == below else (below, above + 1)


def _may_join(job: Job, oldest: Job) -> bool:
    if job is oldest:
        return True
    return job.prepared.on_piece is None and job.prepared.key == oldest.prepared.key


class _Group:
    """Rows and width of the inputs chosen so far."""

    def __init__(self, first: Job) -> None:
        self._rows, self._width = first.rows, first.width

    def padding_with(self, job: Job) -> float:
        """Padding that the input adds, for its own rows or for those of the others."""
        width = max(self._width, job.width)
        return self._rows * (width - self._width) + job.rows * (width - job.width)

    def has_room(self, job: Job, limits: Limits) -> bool:
        rows = self._rows + job.rows
        return rows <= limits.rows and rows * max(self._width, job.width) <= limits.padded

    def add(self, job: Job) -> None:
        self._rows += job.rows
        self._width = max(self._width, job.width)
