"""Serve the application on its sockets until a signal is received."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from backend.transport.one_write import OneWriteProtocol

GRACE_SECONDS = 5
# Ctrl-C and a closed terminal stop everything; SIGTERM (upgrade, systemd) leaves models running.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Server(uvicorn.Server):
    """A uvicorn server whose signals are handled by `Signals`."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do nothing: `Signals` installs the handlers."""
        yield


def make_server(app: ASGIApp, *, lifespan: bool) -> Server:
    """A server for sockets that are already bound."""
    return Server(
        uvicorn.Config(
            app,
            http=OneWriteProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="on" if lifespan else "off",
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws_max_size=65_536,
            backlog=2048,
        )
    )


class Signals:
    """The first signal received, and whether it stops the models."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._servers: list[Server] = []

    def install(self, servers: list[Server]) -> None:
        """Install handlers on the running loop that stop these servers."""
        self._servers = servers
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._on, number)

    def _on(self, number: signal.Signals) -> None:
        again = self.received is not None
        self.received = self.received or number
        for server in self._servers:
            server.should_exit = True
            server.force_exit = server.force_exit or again

    @property
    def ends_everything(self) -> bool:
        """Whether the models are stopped, too."""
        return self.received in {signal.SIGINT, signal.SIGHUP}


async def serve_beside(server: Server, sock: socket.socket) -> None:
    """Run an additional server on its socket."""
    await server.serve(sockets=[sock])
