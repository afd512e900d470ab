"""A load test on a terminal: a line while it runs, a table at its end."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from backend.domain.load_test import BatchSizes, LoadTest, LoadTestResult, Quantiles

Row = tuple[str, str, str]
_UNKNOWN = "-"


@contextmanager
def live() -> Generator[Callable[[LoadTest], None]]:
    """Yields what shows the progress of a test, on standard error; nothing without a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.description}", markup=False))
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=1.0)

        def show(test: LoadTest) -> None:
            elapsed = test.progress.elapsed_seconds if test.progress else 0.0
            share = min(elapsed / test.seconds, 1.0)
            bar.update(task, completed=share, description=_line(test))

        yield show


def _line(test: LoadTest) -> str:
    progress = test.progress
    if progress is None:
        return test.message
    text = f"{progress.requests} requests, {progress.requests_per_second:.1f} per second"
    if progress.tokens_per_second is not None:
        text += f", {progress.tokens_per_second:.1f} tokens per second"
    return text + (f", {progress.errors} failed" if progress.errors else "")


def print_report(name: str, test: LoadTest) -> None:
    """Print the figures of a test that has some, on standard output."""
    result = test.result
    if result is None:
        return
    console = Console(highlight=False, soft_wrap=True)
    title = f"{name}: {test.concurrency} at a time for {result.seconds:.1f} s"
    console.print(f"{title}, {result.requests} requests", markup=False)
    table = Table(box=None, pad_edge=False, show_header=test.prepare is not None)
    table.add_column("")
    table.add_column("load test", justify="right")
    if test.prepare is not None:
        table.add_column("prepare", justify="right", style="dim")
    for row in rows(test, result):
        table.add_row(*row[: len(table.columns)])
    console.print(table)
    if result.errors:
        errors = ", ".join(f"{count} x {kind}" for kind, count in result.errors.items())
        console.print(f"failed: {errors}", style="red", markup=False)
        console.print(f"first: {result.first_error}", markup=False)


def rows(test: LoadTest, result: LoadTestResult) -> list[Row]:
    """Name, measured value and what prepare measured, as text."""
    prepare = test.prepare
    found: list[Row] = [
        (
            "requests per second",
            f"{result.requests_per_second:.1f}",
            f"{prepare.inputs_per_second:.1f}" if prepare else _UNKNOWN,
        ),
        *_quantiles("latency", result.latency_ms, ("p50", "p95", "p99")),
    ]
    if prepare is not None:
        found[1] = (*found[1][:2], f"{_ms(prepare.latency_ms)} alone")
    if (streaming := result.streaming) is not None:
        found.append(("tokens per second", f"{streaming.tokens_per_second:.1f}", _UNKNOWN))
        found += _quantiles("first token", streaming.time_to_first_token_ms, ("p50", "p95"))
        found += _quantiles("between tokens", streaming.inter_token_ms, ("p50", "p95"))
    if result.batch_size is not None:
        found.append(("batch size, mean", f"{result.batch_size.mean:.1f}", _UNKNOWN))
        found.append(("batch sizes", _distribution(result.batch_size), ""))
    return found


def _quantiles(name: str, found: Quantiles, shares: tuple[str, ...]) -> list[Row]:
    return [(f"{name} {share}", _ms(getattr(found, share)), _UNKNOWN) for share in shares]


def _ms(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.1f} ms"


def _distribution(sizes: BatchSizes) -> str:
    """For example `1: 20%, to 4: 80%`."""
    parts = [
        f"{_size(step.at_most)}: {100 * step.batches / sizes.batches:.0f}%"
        for step in sizes.distribution
    ]
    return ", ".join(parts)


def _size(most: int | None) -> str:
    if most is None:
        return "more"
    return str(most) if most <= 2 else f"to {most}"
