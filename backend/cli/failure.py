"""Problems on a terminal: what happened, and what to do."""

from rich.console import Console

from backend.errors import Problem

EXIT_FAILED, EXIT_INTERRUPTED = 1, 130


def show_problem(problem: Problem) -> None:
    """Print a problem on standard error, without markup: it can have brackets."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"error: {problem.detail}", style="red", markup=False)
    console.print(problem.remedy, markup=False)
