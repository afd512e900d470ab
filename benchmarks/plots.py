"""Line plots as SVG, with a logarithmic x axis; no library is required."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.figures import figure
from benchmarks.result import Plot

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 150, 40, 50
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f")
TICKS = 5


def svg(plot: Plot) -> str:
    """Return the plot as an SVG document; points that were not measured (NaN) are left out."""
    curves = [
        (curve.name, [(x, y) for x, y in curve.points if not math.isnan(y)])
        for curve in plot.curves
    ]
    every = [point for _, points in curves for point in points]
    xs = sorted({x for x, _ in every}) or [1.0]
    top = 1.1 * max((y for _, y in every), default=1.0) or 1.0
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 22, plot.title, size=14),
        _text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 12, plot.x, anchor="middle"),
        _text(LEFT, TOP - 4, plot.y),
        *_axes(xs, top),
    ]
    for number, (name, points) in enumerate(curves):
        color = COLORS[number % len(COLORS)]
        placed = [(_x(x, xs), _y(y, top)) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in placed]
        parts.append(_text(WIDTH - RIGHT + 10, TOP + 12 + 16 * number, name, color=color))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes(xs: Sequence[float], top: float) -> list[str]:
    found: list[str] = []
    for step in range(TICKS + 1):
        value = top * step / TICKS
        y = _y(value, top)
        found.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        )
        found.append(_text(LEFT - 6, y + 4, figure(value), anchor="end"))
    found += [_text(_x(x, xs), HEIGHT - BOTTOM + 16, f"{x:g}", anchor="middle") for x in xs]
    return found


def _x(x: float, xs: Sequence[float]) -> float:
    """Place on a logarithmic axis from the first to the last value."""
    first, last = math.log(max(xs[0], 1e-9)), math.log(max(xs[-1], 1e-9))
    share = (math.log(max(x, 1e-9)) - first) / (last - first) if last > first else 0.5
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(y: float, top: float) -> float:
    return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, color: str = "#333"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{color}">{escape(text)}</text>'
    )
