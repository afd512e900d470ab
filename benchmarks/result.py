"""The result of a part: a table, ratios with targets, curves for plots, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.figures import Direction, Measure, figure


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a plot: `points` are pairs of x and y."""

    name: str
    points: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plot of one or more curves; its x axis is logarithmic."""

    name: str
    title: str
    x: str
    y: str
    curves: list[Curve]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under a header; cells are text."""

    title: str
    header: list[str]
    rows: list[list[str]]


@dataclass
class Result:
    """What a part found. Parts add to it while they run, and print rows as they come."""

    part: str
    tables: list[Table] = field(default_factory=list[Table])
    measures: list[Measure] = field(default_factory=list[Measure])
    plots: list[Plot] = field(default_factory=list[Plot])
    notes: list[str] = field(default_factory=list[str])

    def table(self, title: str, header: Sequence[str]) -> Table:
        """Add an empty table and print its header."""
        made = Table(title=title, header=list(header), rows=[])
        self.tables.append(made)
        print(f"\n{title}\n  {'  '.join(header)}", flush=True)
        return made

    def row(self, table: Table, *cells: object) -> None:
        """Add a row and print it; floats get three significant digits."""
        texts = [figure(cell) if isinstance(cell, float) else str(cell) for cell in cells]
        table.rows.append(texts)
        print("  " + "  ".join(texts), flush=True)

    def measure(
        self,
        name: str,
        value: float,
        target: float | None = None,
        direction: Direction = "at least",
    ) -> None:
        """Add a ratio."""
        self.measures.append(Measure(name=name, value=value, target=target, direction=direction))

    def note(self, text: str) -> None:
        """Add a remark, for example why something was skipped, and print it."""
        text = " ".join(text.split())
        self.notes.append(text)
        print(f"  note: {text}", flush=True)

    def as_json(self) -> dict[str, Any]:
        """Return a value for a JSON file."""
        return asdict(self) | {"measures": [one.as_json() for one in self.measures]}

    @staticmethod
    def from_json(found: dict[str, Any]) -> Result:
        """Reverse `as_json`."""
        plots = [
            Plot(
                **(
                    plot
                    | {
                        "curves": [
                            Curve(name=curve["name"], points=[(x, y) for x, y in curve["points"]])
                            for curve in plot["curves"]
                        ]
                    }
                )
            )
            for plot in found["plots"]
        ]
        return Result(
            part=found["part"],
            tables=[Table(**table) for table in found["tables"]],
            measures=[Measure.from_json(one) for one in found["measures"]],
            plots=plots,
            notes=found["notes"],
        )
