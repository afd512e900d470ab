"""Serves the application on its sockets until a signal says how to end."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from backend.transport.one_write import OneWriteProtocol

GRACE_SECONDS = 5
# A closed terminal and Ctrl-C end everything; SIGTERM (an upgrade, systemd) leaves the models.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Server(uvicorn.Server):
    """A uvicorn server whose signals are handled by its owner."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing: see `serve`."""
        yield


def make_server(app: ASGIApp, *, lifespan: bool) -> Server:
    """A server for sockets that are bound already."""
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
    """What was received first, and what to do then."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._servers: list[Server] = []

    def install(self, servers: list[Server]) -> None:
        """Watch for signals on the running loop; they end these servers."""
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
        """Whether the models are to be stopped too."""
        return self.received in {signal.SIGINT, signal.SIGHUP}


async def serve_beside(server: Server, sock: socket.socket) -> None:
    """Run a second, small server."""
    await server.serve(sockets=[sock])
