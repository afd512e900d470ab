"""`slipway bench NAME`: a load test of a deployment, followed until its end."""

import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from backend.cli.client import Client, connected
from backend.cli.failure import EXIT_FAILED, EXIT_INTERRUPTED, show_problem
from backend.cli.load_input import load_request
from backend.cli.load_report import live, print_report
from backend.domain.load_test import (
    MOST_CONCURRENCY,
    MOST_SECONDS,
    OPEN_STATES,
    LoadTest,
    LoadTestRequest,
)
from backend.errors import PlatformError, ProblemError

POLL_SECONDS = 0.25
_DEFAULTS = LoadTestRequest()


def bench(
    name: Annotated[str, typer.Argument(help="Name or id of a running deployment.")],
    concurrency: Annotated[
        int, typer.Option(min=1, max=MOST_CONCURRENCY, help="Requests at a time.")
    ] = _DEFAULTS.concurrency,
    seconds: Annotated[
        int, typer.Option(min=1, max=MOST_SECONDS, help="Duration, without the warm-up.")
    ] = _DEFAULTS.seconds,
    file: Annotated[
        Path | None,
        typer.Option(
            help="Request bodies (.json: one or a list, .jsonl: one a line), or an image, audio or "
            "video file. Default: samples of the task."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the load test as the API returns it.")
    ] = False,
    url: Annotated[
        str, typer.Option(envvar="SLIPWAY_URL", help="URL of the control plane.")
    ] = "http://localhost:8000",
    key: Annotated[
        str | None, typer.Option(envvar="SLIPWAY_API_KEY", help="API key of the control plane.")
    ] = None,
) -> None:
    """Send requests to a deployment and measure throughput, latency and batch sizes.

    Ctrl-C cancels the test and prints the figures so far.
    """
    try:
        request = load_request(concurrency, seconds, file)
    except PlatformError as error:
        raise ProblemError(error.problem()) from error
    with connected(url, key) as client:
        tests = f"/deployments/{quote(name, safe='')}/load-tests"
        test = client.post(tests, request, LoadTest)
        try:
            ended = _followed(client, f"{tests}/{test.id}", test)
            is_interrupted = False
        except KeyboardInterrupt:
            ended = client.delete(f"{tests}/{test.id}", LoadTest)
            is_interrupted = True
    if as_json:
        typer.echo(ended.model_dump_json(indent=2))
    elif ended.result is not None:
        print_report(name, ended)
    if is_interrupted:
        typer.echo("The load test was cancelled.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED)
    _check(ended)


def _check(ended: LoadTest) -> None:
    """Exit with a failure if the test did not run to its end."""
    if ended.state == "completed":
        return
    if ended.problem is not None:
        show_problem(ended.problem)
    else:
        typer.echo(ended.message, err=True)
    raise typer.Exit(EXIT_FAILED)


def _followed(client: Client, path: str, test: LoadTest) -> LoadTest:
    """The test once it has ended."""
    with live() as show:
        while test.state in OPEN_STATES:
            show(test)
            time.sleep(POLL_SECONDS)
            test = client.get(path, LoadTest)
    return test
