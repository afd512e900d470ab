"""The commands of `slipway`, and what becomes of errors: the catalogue's text on stderr."""

import sys
from typing import Annotated

import typer

from backend import __version__
from backend.cli import bench
from backend.cli.failure import EXIT_FAILED, show_problem
from backend.errors import ProblemError

app = typer.Typer(
    name="slipway",
    help="Deploy models and test them, by the API of a running Slipway.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("bench")(bench.bench)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slipway {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Deploy models and test them, by the API of a running Slipway."""
    del version


def main() -> None:
    """Run a command. Exit status: 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C."""
    try:
        app()
    except ProblemError as error:
        show_problem(error.made)
        sys.exit(EXIT_FAILED)
