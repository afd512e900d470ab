"""Fixtures: tiny models on disk, and a real server for each task in one process."""

import json
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from backend.domain.server import ServerSpec
from tests.fakes import launch, tiny_models

Predict = Callable[..., httpx.Response]


def build(folder: Path) -> dict[str, Path]:
    """All tiny models below `folder`."""
    made: dict[str, Path] = {}
    for name, builder in tiny_models.BUILDERS.items():
        made[name] = folder / name.replace("/", "_")
        made[name].mkdir(parents=True)
        builder(made[name])
    return made


@contextmanager
def all_serving(specs: dict[str, ServerSpec], folder: Path) -> Iterator[dict[str, str]]:
    """URLs by name, while the process lives."""
    file = folder / "specs.json"
    file.write_text(json.dumps({name: spec.model_dump() for name, spec in specs.items()}))
    with (folder / "all.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.serve_all", str(file)],
            cwd=launch.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        select.select([process.stdout], [], [], launch.PATIENCE_SECONDS)
        line = process.stdout.readline()
        assert line, (folder / "all.log").read_text()[-4000:]
        yield {name: f"http://127.0.0.1:{port}" for name, port in json.loads(line).items()}
    finally:
        process.stdin.close()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
