"""Download several repositories as one: one progress over all, one snapshot of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.model import ModelFacts
from backend.domain.plan import Snapshot
from backend.domain.report import Report


@dataclass(frozen=True)
class _Share:
    """Implements Report for one of several downloads; sizes in bytes."""

    report: Report
    before: int
    own: int
    total: int

    def __call__(self, message: str, *, fraction: float | None = None, **details: object) -> None:
        if fraction is not None and self.total:
            fraction = (self.before + fraction * self.own) / self.total
        self.report(message, fraction=fraction, **self._counted(details))

    def stalled(self, message: str, **details: object) -> None:
        self.report.stalled(message, **self._counted(details))

    def retrying(self, message: str, **details: object) -> None:
        self.report.retrying(message, **self._counted(details))

    def line(self, text: str) -> None:
        self.report.line(text)

    def _counted(self, details: dict[str, object]) -> dict[str, object]:
        done = details.get("bytes_done")
        if not isinstance(done, int):
            return details
        return details | {"bytes_done": self.before + done, "bytes_total": self.total}


def shares(report: Report, repositories: Sequence[ModelFacts]) -> list[Report]:
    """A report for each download; the progress of all together is that of `report`."""
    if len(repositories) == 1:
        return [report]
    total = sum(one.download_bytes for one in repositories)
    found: list[Report] = []
    before = 0
    for one in repositories:
        found.append(_Share(report, before, one.download_bytes, total))
        before += one.download_bytes
    return found


def together(snapshots: Sequence[Snapshot]) -> Snapshot:
    """The snapshot of a model, and of its companion if there is one."""
    own, *others = snapshots
    return Snapshot(
        directory=own.directory,
        companion_directory=others[0].directory if others else None,
        bytes=sum(one.bytes for one in snapshots),
        fetched_bytes=sum(one.fetched_bytes for one in snapshots),
        files=sum(one.files for one in snapshots),
    )
