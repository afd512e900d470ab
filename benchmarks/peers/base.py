"""What the bench must know about a peer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backend.transport.http_connection import post

Kind = Literal["embeddings", "generation", "no-op"]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Where a peer runs: interpreter, model folder, port, what it serves, folder for its files."""

    python: Path
    model: Path
    port: int
    kind: Kind
    scratch: Path


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A server from other people's packages; without packages it runs on those of Slipway.

    `command` starts it in the foreground. `embed` makes a request for a text, `generate` for
    a prompt, a number of tokens and the model folder: a stream of server-sent events.
    """

    name: str
    kinds: tuple[Kind, ...]
    packages: tuple[str, ...] = ()
    command: Callable[[Launch], list[str | Path]]
    embed: Callable[[str], bytes] = field(
        default=lambda text: post("/predict", json.dumps({"inputs": text}).encode())
    )
    generate: Callable[[str, int, Path], bytes] | None = None
    starts_in_seconds: float = 120.0


def server_file(name: str) -> Callable[[Launch], list[str | Path]]:
    """Return a command that runs `server.py` in the folder of the peer."""

    def command(launch: Launch) -> list[str | Path]:
        words = [launch.model, str(launch.port), launch.kind]
        return [launch.python, HERE / name / "server.py", *words]

    return command
