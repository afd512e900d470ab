"""Makes a model server hang while clients call it, and records their responses.

A hang is SIGSTOP, or a path of the stub server after which it stops responding.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.fakes.control_plane import Plane, until

CLIENT_SECONDS = 60.0
POLL_SECONDS = 0.4


@dataclass(frozen=True)
class Call:
    """One request: when it began and ended (monotonic seconds), and what came back.

    `result` is the status, or the name of the error of the connection.
    """

    began: float
    ended: float
    result: int | str
    headers: dict[str, str]
    body: bytes


def call(port: int, path: str) -> Call:
    """One request on a connection of its own; never raises."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS)
    headers = {"Content-Type": "application/json"}
    try:
        connection.request("POST", path, b'{"inputs": "a fine day"}', headers)
        response = connection.getresponse()
        body = response.read()
        response_headers = {name.lower(): value for name, value in response.getheaders()}
        return Call(began, time.monotonic(), response.status, response_headers, body)
    except (OSError, http.client.HTTPException) as error:
        return Call(began, time.monotonic(), type(error).__name__, {}, b"")
    finally:
        connection.close()


class Client:
    """Calls one path again and again, one request at a time."""

    def __init__(self, port: int, path: str, pause: float) -> None:
        self.calls: list[Call] = []
        self._target = (port, path)
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Client":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.calls.append(call(*self._target))
            self._stop.wait(self._pause)


@dataclass
class Outcome:
    """What became of one hang; seconds from its begin. `seen` are the calls that met it."""

    noticed: float = 0.0
    running_again: float = 0.0
    message: str = ""
    same_server: bool = False
    direct: list[Call] = field(default_factory=list)
    proxied: list[Call] = field(default_factory=list)
    began: float = 0.0

    @property
    def longest_wait(self) -> float:
        """The longest time that a client waited, counted from the hang."""
        calls = [*self.direct, *self.proxied]
        return max((one.ended - max(one.began, self.began) for one in calls), default=0.0)


def server_pid(deployment: dict[str, Any]) -> int:
    """Pid of the stub server behind the port of the deployment."""
    return int(json.loads(call(deployment["port"], "/predict").body)["pid"])


def real_server_pid(plane: Plane, deployment: dict[str, Any]) -> int:
    """The same for a real server, read from its spec file."""
    for pid in plane.server_pids():
        words = psutil.Process(pid).cmdline()
        spec = Path(words[words.index("--run-dir") + 1]) / "spec.json"
        if json.loads(spec.read_text())["deployment_id"] == deployment["id"]:
            return pid
    message = f"{deployment['name']} has no server"
    raise AssertionError(message)


def stop(pid: int) -> None:
    """SIGSTOP: the process does nothing any more, and its connections stay open."""
    os.kill(pid, signal.SIGSTOP)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Who calls meanwhile: a client for each path, directly and through the control plane."""

    paths: tuple[str, ...] = ("/predict", "/slow")
    pause: float = 0.1
    find: Callable[[dict[str, Any]], int] = server_pid


def hang(
    plane: Plane,
    name: str,
    how: Callable[[int], object] = stop,
    traffic: Traffic = Traffic(),
) -> Outcome:
    """Let the server of a running deployment hang at a random moment of its traffic."""
    deployment = plane.get(name)
    pid = traffic.find(deployment)
    outcome = Outcome()
    with contextlib.ExitStack() as stack:
        direct = [Client(deployment["port"], path, traffic.pause) for path in traffic.paths]
        proxied = [Client(plane.base, f"/d/{name}{path}", traffic.pause) for path in traffic.paths]
        for client in [*direct, *proxied]:
            stack.enter_context(client)
        time.sleep(random.uniform(0.3, 1.5))
        outcome.began = time.monotonic()
        how(pid)
        until(
            lambda: plane.get(name)["state"] != "running", f"{name} to be noticed", 60, POLL_SECONDS
        )
        outcome.noticed = time.monotonic() - outcome.began
        outcome.message = plane.get(name)["message"]
        again = plane.wait(name, "running")
        outcome.running_again = time.monotonic() - outcome.began
        outcome.same_server = traffic.find(again) == pid
    outcome.direct = _after(outcome.began, direct)
    outcome.proxied = _after(outcome.began, proxied)
    return outcome


def _after(moment: float, clients: list[Client]) -> list[Call]:
    return [one for client in clients for one in client.calls if one.ended > moment]
