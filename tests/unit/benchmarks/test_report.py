"""RESULTS.md and plots of the bench."""

import json
import math
import xml.etree.ElementTree as ET

from benchmarks.plots import svg
from benchmarks.report import markdown, render
from benchmarks.result import Curve, Plot, Result

SPACE = "{http://www.w3.org/2000/svg}"


def plot(*points: tuple[float, float]) -> Plot:
    return Plot(name="p", title="A < B", x="x", y="y", curves=[Curve(name="one", points=[*points])])


def example() -> Result:
    result = Result("http")
    table = result.table("HTTP", ["server", "ratio"])
    result.row(table, "a|b", 0.5)
    result.measure("no-op", 0.95, 0.9)
    result.measure("p99", 0.7, 0.5, "at most")
    result.measure("peer", math.nan, 2.0)
    result.plots.append(plot((1, 0.5), (8, 0.75)))
    result.note("ray was skipped: no wheel")
    return result


def test_result_survives_json():
    result = example()
    found = Result.from_json(json.loads(json.dumps(result.as_json(), allow_nan=False)))
    assert found.as_json() == result.as_json()


def test_report_has_each_measure_beside_its_target():
    part = {
        "result": example().as_json(), "date": "2026-01-31", "seconds": 12,
        "machine": {"processor": "test"},
    }  # fmt: skip
    lines = render([part]).splitlines()
    assert "| http | no-op | 0.950 | at least 0.9 | reached |" in lines
    assert "| http | p99 | 0.700 | at most 0.5 | missed |" in lines
    assert "| http | peer | - | at least 2 |  |" in lines
    assert "| a\\|b | 0.500 |" in lines
    assert "- processor: test" in lines
    assert "- ray was skipped: no wheel" in lines
    assert "![A < B](plots/p.svg)" in lines


def test_markdown_table_has_a_line_per_row():
    assert markdown(["a", "b"], [["1", "2"]]) == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]


def test_plot_is_xml_with_points_in_order():
    root = ET.fromstring(svg(plot((1, 0.5), (8, 0.75), (64, 1.0))))
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{SPACE}circle")]
    assert len(circles) == 3
    (x1, y1), (x2, y2), (x3, y3) = circles
    assert x1 < x2 < x3
    assert y1 > y2 > y3
    # 1, 8, 64 are evenly spaced on a logarithmic axis.
    assert abs((x3 - x2) - (x2 - x1)) < 0.2


def test_plot_without_measured_points_is_empty():
    root = ET.fromstring(svg(plot((1, math.nan))))
    assert list(root.iter(f"{SPACE}circle")) == []
