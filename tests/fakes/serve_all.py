"""One process with a real model server for each given spec; torch is imported once for all.

`python -m tests.fakes.serve_all SPECS_FILE`: a line `{task: port}` on standard output when all are
warm; ends when standard input closes.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path

import uvicorn

from backend.domain.server import ServerSpec
from backend.inference.app import create_app
from backend.inference.engine import Engine
from backend.inference.loading import load
from backend.inference.metrics import Metrics
from backend.inference.state import ServerState


async def serve(spec: ServerSpec, listener: socket.socket, ready: asyncio.Event) -> None:
    """One server until cancelled."""
    metrics = Metrics(spec)
    engine = Engine(spec, load(spec), metrics)
    await engine.warm_up()
    state = ServerState(spec, metrics)
    state.ready(lambda: None, lambda: None)
    config = uvicorn.Config(
        create_app(spec, engine, state), http="httptools", ws="none", lifespan="off",
        log_config=None, access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    ready.set()
    await server._serve([listener])


async def main(specs: dict[str, ServerSpec]) -> None:
    """All of them, then wait for the end of standard input."""
    ports: dict[str, int] = {}
    tasks: list[asyncio.Task[None]] = []
    for name, spec in specs.items():
        listener = socket.create_server(("127.0.0.1", 0))
        ports[name] = listener.getsockname()[1]
        ready = asyncio.Event()
        tasks.append(asyncio.ensure_future(serve(spec, listener, ready)))
        first = asyncio.ensure_future(ready.wait())
        await asyncio.wait((tasks[-1], first), return_when=asyncio.FIRST_COMPLETED)
        if tasks[-1].done():
            tasks[-1].result()
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_text())
    asyncio.run(main({name: ServerSpec(**value) for name, value in found.items()}))
