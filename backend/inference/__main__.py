"""`python -m backend.inference --run-dir DIR --fd N`: one model server on an inherited socket."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.state import InternalError
from backend.inference.adapters.base import Adapter
from backend.inference.app import create_app
from backend.inference.config import (
    HAND_OVER_SECONDS,
    TERM_GRACE_SECONDS,
    Arguments,
    arguments,
    read_spec,
    use_own_folder,
)
from backend.inference.confinement import confine
from backend.inference.control import Control
from backend.inference.engine import Engine
from backend.inference.metrics import Metrics
from backend.inference.state import ServerState
from backend.transport.event_loop import new_event_loop
from backend.transport.no_delay import set_no_delay
from backend.transport.one_write import OneWriteProtocol

log = logging.getLogger("backend.inference")

FAILED = 3


class Server(uvicorn.Server):
    """uvicorn without its signal handlers, after which the process would exit by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Does nothing; `main` installs the signal handlers."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not called; see `capture_signals`."""


async def serve(args: Arguments) -> int:
    """Load the model, serve requests until drained, and return the exit code."""
    spec = read_spec(args.run_dir)
    metrics = Metrics(spec)
    state = ServerState(spec, metrics)
    listener = socket.socket(fileno=args.fd)
    set_no_delay(listener)
    control = Control(args.run_dir, listener, state)
    await control.start()
    if spec.allow_remote_code:
        confine(spec, args.run_dir)
    elif spec.gguf:
        use_own_folder(args.run_dir)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    loading = asyncio.ensure_future(_start(spec, metrics))
    stopping = asyncio.ensure_future(stopped.wait())
    try:
        while not loading.done() and not state.is_stopping and not stopped.is_set():
            await asyncio.wait((loading, stopping), timeout=0.1, return_when="FIRST_COMPLETED")
        if not loading.done():
            return 0
        engine = loading.result()
        await _answer(create_app(spec, engine, state), spec, listener, state, stopped)
        engine.close()
    except PlatformError as error:
        return await _failed(error, args.run_dir, state)
    else:
        return 0
    finally:
        await control.close()


async def _start(spec: ServerSpec, metrics: Metrics) -> Engine:
    engine = Engine(spec, await _in_thread(spec), metrics)
    await engine.warm_up()
    return engine


async def _in_thread(spec: ServerSpec) -> Adapter:
    """Load in a daemon thread, which does not delay the exit of the process."""
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[Adapter] = loop.create_future()

    def report(result: Adapter, error: BaseException | None) -> None:
        if loaded.done():
            return
        if error is None:
            loaded.set_result(result)
        else:
            loaded.set_exception(error)

    def work() -> None:
        from backend.inference.loading import load  # noqa: PLC0415 - imports torch

        result: Any = None
        error: BaseException | None = None
        try:
            result = load(spec)
        except PlatformError as caught:
            error = caught
        except BaseException as caught:
            log.exception("loading failed")
            error = InternalError(f"Loading failed inside Slipway ({type(caught).__name__}).")
        loop.call_soon_threadsafe(report, result, error)

    threading.Thread(target=work, name="loader", daemon=True).start()
    return await loaded


async def _answer(
    app: ASGIApp,
    spec: ServerSpec,
    listener: socket.socket,
    state: ServerState,
    stopped: asyncio.Event,
) -> None:
    server = Server(
        uvicorn.Config(
            app, http=OneWriteProtocol, ws="none", lifespan="off", access_log=False,
            log_config=None, proxy_headers=False, server_header=False, timeout_keep_alive=75,
            timeout_graceful_shutdown=int(spec.inference_timeout_seconds) + 1,
        )
    )  # fmt: skip

    def stop() -> None:
        server.should_exit = True

    def leave() -> None:
        for one in server.servers:
            one.close()
        asyncio.get_running_loop().call_later(HAND_OVER_SECONDS, state.drain)

    async def term() -> None:
        await stopped.wait()
        state.drain()
        await asyncio.sleep(TERM_GRACE_SECONDS)
        server.force_exit = True

    waiting = asyncio.ensure_future(term())
    state.ready(stop, leave)
    log.info("ready after %.1f s", state.loaded_seconds)
    await server.serve(sockets=[listener])
    waiting.cancel()


async def _failed(error: PlatformError, run_dir: Path, state: ServerState) -> int:
    """Report the error on the control socket and in a file, and wait for the next poll."""
    problem = error.problem("start")
    log.error("%s: %s", problem.code, problem.detail)
    (run_dir / "problem.json").write_text(problem.model_dump_json())
    state.fail(problem)
    await asyncio.sleep(0.3)
    return FAILED


def main() -> None:
    """Run the server; exits without waiting for a thread that still runs the model."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        code = runner.run(serve(arguments()))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
