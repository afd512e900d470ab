"""Client of the keeper; starts one when none runs.

Every verb is idempotent, so a request that a dying keeper did not respond to is sent once more
to the next one.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from backend.errors.server import KeeperLost
from backend.keeper import messages
from backend.keeper.messages import Message
from backend.runtimes.environment import inherited

ROOT = Path(__file__).resolve().parents[2]
REPLY_SECONDS = 15.0
START_SECONDS = 10.0
T = TypeVar("T")


class Refused(Exception):
    """The keeper returned an error: taken, denied, none-free, bad-host, busy, cannot-start …"""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class KeeperClient:
    """One connection per request, no state. `environment` is reduced to the allow-list."""

    def __init__(
        self,
        run_dir: Path,
        python: str,
        environment: Mapping[str, str],
        idle_seconds: float = 60.0,
    ) -> None:
        self._run_dir = run_dir.absolute()
        self._python = python
        self._environment = inherited(environment)
        self._idle_seconds = idle_seconds

    async def request(self, verb: str, **fields: object) -> Message:
        """Send one request and return the response. Raises Refused or KeeperLost."""
        reply, fds = await self._send({"verb": verb, **fields})
        for fd in fds:
            os.close(fd)
        return reply

    async def give(self, deployment_id: str, listener: socket.socket) -> None:
        """Pass a listening socket to the keeper, which keeps it if the deployment has none."""
        await self._send({"verb": "give", "deployment": deployment_id}, listener)

    async def listener(self, deployment_id: str) -> socket.socket:
        """A duplicate of the deployment's listening socket. Raises Refused if it has none."""
        _, fds = await self._send({"verb": "listener", "deployment": deployment_id})
        given = socket.socket(fileno=fds[0])
        given.setblocking(False)
        return given

    async def bound(self) -> set[str]:
        """Ids of the deployments that have a port."""
        reply = await self.request("list")
        return set(cast("dict[str, int]", reply["ports"]))

    async def shutdown(self, grace: float) -> None:
        """Stop every server within `grace` seconds and the keeper; return when it is gone."""
        await _finish(lambda: self._shutdown(grace))

    async def watch(self) -> AsyncGenerator[Message]:
        """Yield `connected`, then `exited` events until the keeper ends. Raises KeeperLost."""
        connection = await _finish(self._connect, _close)
        connection.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        try:
            writer.write(b'{"verb": "watch"}\n')
            with contextlib.suppress(OSError, ValueError):
                if await reader.readline():
                    yield {"event": "connected"}
                while line := await reader.readline():
                    yield messages.parse(line)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @property
    def _door(self) -> Path:
        return self._run_dir / "keeper.sock"

    async def _send(
        self, message: Message, give: socket.socket | None = None
    ) -> tuple[Message, list[int]]:
        reply, fds = await _finish(lambda: self._exchange(message, give), _close_all)
        if "error" in reply:
            raise Refused(str(reply["error"]), str(reply.get("message", "")))
        return reply, fds

    def _exchange(self, message: Message, give: socket.socket | None) -> tuple[Message, list[int]]:
        for _ in range(2):
            with self._connect() as connection, contextlib.suppress(OSError, json.JSONDecodeError):
                messages.send(connection, message, [give.fileno()] if give else None)
                return messages.receive(connection)
        raise KeeperLost(f"The keeper did not respond to {message['verb']!r}.")

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return messages.connect(self._door, REPLY_SECONDS)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise KeeperLost("No keeper responds, and none could be started.") from error
            self._launch()
            # Another keeper may be ending: it holds the lock but does not listen anymore.
            time.sleep(0.02)

    def _launch(self) -> None:
        self._run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [self._python, "-m", "backend.keeper", "--run-dir", str(self._run_dir)]
        command += ["--idle-seconds", str(self._idle_seconds)]
        with (self._run_dir / "keeper.log").open("ab") as log:
            try:
                subprocess.run(
                    command,
                    cwd=ROOT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    timeout=START_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise KeeperLost("The keeper could not be started.") from error

    def _shutdown(self, grace: float) -> None:
        try:
            connection = messages.connect(self._door, grace + REPLY_SECONDS)
        except OSError:
            return
        with connection, contextlib.suppress(OSError, ValueError):
            messages.send(connection, {"verb": "shutdown", "grace": grace})
            messages.receive(connection)
            messages.receive(connection)


async def _finish(work: Callable[[], T], drop: Callable[[T], object] = id) -> T:
    """Run blocking work in a thread; if cancelled, first wait for it (it takes milliseconds).

    A request that continues unnoticed could start a server that nothing stops. `drop` receives
    the unused result.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            drop(await running)
        raise


def _close(connection: socket.socket) -> None:
    connection.close()


def _close_all(reply: tuple[Message, list[int]]) -> None:
    for fd in reply[1]:
        os.close(fd)


def as_int(message: Message, name: str) -> int:
    """An integer field of a response."""
    return int(cast("int", message[name]))
