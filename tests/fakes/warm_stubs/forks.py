"""Forks stub servers."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

from setproctitle import setproctitle

from tests.fakes.stub_server import main


def preload() -> None:
    """The import above is all."""


def run(argv: Sequence[str], env: Mapping[str, str]) -> None:
    setproctitle(" ".join(argv))
    os.environ.clear()
    os.environ.update(env)
    sys.argv = list(argv[2:])
    os._exit(asyncio.run(main()))
