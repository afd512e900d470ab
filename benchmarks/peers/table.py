"""The peers by name, and how one is started."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import run_all
from benchmarks.peers import bentoml, litserve, llama_cpp, naive, ray_serve, transformers_serve
from benchmarks.peers.base import Kind, Launch, Peer
from benchmarks.peers.environments import Unavailable, python_of
from benchmarks.processes import environment, free_port, process, tail, wait_until_up
from benchmarks.result import Result
from benchmarks.settings import Settings

PEERS: dict[str, Peer] = {
    module.PEER.name: module.PEER
    for module in (naive, litserve, bentoml, ray_serve, transformers_serve, llama_cpp)
}


@dataclass(frozen=True)
class RunningPeer:
    """A peer that has answered a request, and the seconds from its start until then."""

    peer: Peer
    port: int
    ready_seconds: float


def chosen(settings: Settings, kind: Kind) -> list[Peer]:
    """Return the chosen peers that serve this kind."""
    return [PEERS[name] for name in settings.peers if kind in PEERS[name].kinds]


@contextlib.contextmanager
def running(
    peer: Peer, kind: Kind, model: Path, probe: bytes, settings: Settings
) -> Generator[RunningPeer]:
    """Start a peer on the server's core and wait for its response to `probe`.

    Raises Unavailable if it cannot be installed or does not get ready.
    """
    python = python_of(peer, settings.cache)
    with tempfile.TemporaryDirectory(dir=settings.scratch, ignore_cleanup_errors=True) as folder:
        launch = Launch(
            python=python, model=model, port=free_port(), kind=kind, scratch=Path(folder)
        )
        with _started(peer, launch, probe, settings) as found:
            yield found


@contextlib.contextmanager
def _started(
    peer: Peer, launch: Launch, probe: bytes, settings: Settings
) -> Generator[RunningPeer]:
    port, log = launch.port, launch.scratch / "log.txt"
    env = environment(HOME=str(launch.scratch), NO_COLOR="1")
    began = time.perf_counter()
    with process(peer.command(launch), settings.cores.server, log, env) as started:
        deadline = began + peer.starts_in_seconds
        while True:
            try:
                wait_until_up(port, started, log, deadline - time.perf_counter())
                if run_all(port, [probe], 1).errors == 0:
                    break
            except RuntimeError as error:
                raise Unavailable(str(error)[-400:]) from None
            except (ConnectionError, ExceptionGroup):
                pass
            if time.perf_counter() > deadline:
                message = f"no response: {tail(log)[-400:]}"
                raise Unavailable(message)
            time.sleep(0.05)
        yield RunningPeer(peer, port, time.perf_counter() - began)


def each(
    kind: Kind, model: Path, probe_of: str, settings: Settings, result: Result
) -> Iterator[RunningPeer]:
    """Start the chosen peers of this kind one after the other; skip with a note what cannot run."""
    for peer in chosen(settings, kind):
        probe = peer.embed(probe_of) if kind != "generation" else _generation(peer, probe_of, model)
        with contextlib.ExitStack() as stack:
            try:
                found = stack.enter_context(running(peer, kind, model, probe, settings))
            except Unavailable as error:
                result.note(f"{peer.name} was skipped: {error}")
                continue
            yield found


def _generation(peer: Peer, prompt: str, model: Path) -> bytes:
    assert peer.generate is not None
    return peer.generate(prompt, 2, model)
