"""A model server without a model: same entry point, same private socket, switchable misbehaviour.

`python -m tests.fakes.stub_server --run-dir DIR --fd N`. What it does wrong is in the spec's `env`:
STUB_LOAD_SECONDS, and STUB_MODE, one of ok, crash, problem, killed, segfault, hang, ignore-term,
helpers, escape, greedy, loud, missing-library.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from backend.domain.server import ServerSpec
from backend.errors import Problem
from backend.errors.server import LoadFailed
from backend.inference.control import Control

SLEEP = "import time; time.sleep(600)"


class Stub:
    """State of the server, as `Controlled` wants it."""

    def __init__(self, spec: ServerSpec, listener: socket.socket, mode: str) -> None:
        self.spec = spec
        self.listener = listener
        self.mode = mode
        self.state = "loading"
        self.message = "loading nothing"
        self.problem: Problem | None = None
        self.drained = asyncio.Event()
        self.open: set[asyncio.StreamWriter] = set()
        self.changed = asyncio.Condition()
        self.idle: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.predictions = 0
        self.in_flight = 0
        self.probes = 0
        self.busy_since: float | None = None

    def hello(self) -> dict[str, object]:
        return {
            "state": self.state,
            "message": self.message,
            "problem": self.problem.model_dump() if self.problem else None,
            "deployment_id": self.spec.deployment_id,
            "generation": self.spec.generation,
            "loaded_seconds": 0.2,
        }

    def drain(self) -> None:
        if self.mode == "ignore-term":
            return
        self.state = "draining"
        if self.server is not None:
            self.server.close()
        for writer in self.idle:
            writer.close()
        self.drained.set()

    def hand_over(self) -> None:
        self.drain()

    def ping(self) -> dict[str, object]:
        self.probes += 1
        busy = time.monotonic() - self.busy_since if self.busy_since else 0.0
        return {
            "answered": self.predictions,
            "in_flight": self.in_flight,
            "busy_seconds": round(busy, 1),
            "cpu_seconds": 0.0,
            "healthy": True,
        }

    def metrics(self) -> bytes:
        return (
            b'slipway_requests_total{status="200"} %d\n' % self.predictions
            + b"stub_probes_total %d\n" % self.probes
        )

    async def serve(self) -> None:
        self.server = await asyncio.start_server(self.connection, sock=self.listener, backlog=2048)
        self.state = "ready"
        await self.drained.wait()
        async with self.changed:
            await self.changed.wait_for(lambda: not self.open)

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every accepted connection, also while draining; then close idle connections."""
        self.open.add(writer)
        try:
            while True:
                async with asyncio.timeout(2 if self.drained.is_set() else None):
                    head = await reader.readuntil(b"\r\n\r\n")
                self.idle.discard(writer)
                await self.respond(head, reader, writer)
                if self.drained.is_set():
                    break
                self.idle.add(writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        finally:
            self.idle.discard(writer)
            self.open.discard(writer)
            writer.close()
            async with self.changed:
                self.changed.notify_all()

    async def misbehave(self, head: bytes) -> None:
        """Misbehaviour of this path before its response; `/block` and `/deadlock` take seconds."""
        path = head.split(b" ", 2)[1]
        word, _, seconds = path.decode().strip("/").partition("/")
        if word == "slow":
            await asyncio.sleep(0.5)
        elif word == "block":
            # Like a call into C that keeps Python's lock: nothing else of the process runs.
            time.sleep(float(seconds))  # noqa: ASYNC251
        elif word in {"deadlock", "beat"}:
            end = time.monotonic() + float(seconds)
            self.busy_since = time.monotonic()
            while time.monotonic() < end:
                await asyncio.sleep(0.2)
                if word == "beat":
                    self.busy_since = time.monotonic()
            self.busy_since = None

    def is_allowed(self, head: bytes) -> bool:
        """Whether the request has the key that the deployment requires, if it does."""
        wanted = self.spec.api_key_sha256
        given = re.search(rb"\r\nauthorization: bearer (\S+)\r\n", head, re.IGNORECASE)
        return wanted is None or (
            given is not None and hashlib.sha256(given[1]).hexdigest() == wanted
        )

    async def respond(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
        is_allowed = self.is_allowed(head)
        self.predictions += is_allowed and b"POST /predict" in head
        self.in_flight += 1
        try:
            await self.misbehave(head)
        finally:
            self.in_flight -= 1
        body = json.dumps({"pid": os.getpid(), "generation": self.spec.generation}).encode()
        keep = b"close" if self.drained.is_set() else b"keep-alive"
        writer.write(
            b"HTTP/1.1 " + (b"200 OK" if is_allowed else b"401 Unauthorized")
            + b"\r\nContent-Type: application/json\r\nConnection: " + keep
            + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )  # fmt: skip
        await writer.drain()


LAST_WORDS = {
    "crash": "Traceback: the stub was told to crash",
    "missing-library": "ModuleNotFoundError: No module named 'sentencepiece'",
}
SIGNALS = {"killed": signal.SIGKILL, "segfault": signal.SIGSEGV}


def misbehave_at_start(mode: str) -> None:
    if mode in LAST_WORDS:
        print(LAST_WORDS[mode], file=sys.stderr)
        sys.exit(1)
    if mode in SIGNALS:
        os.kill(os.getpid(), SIGNALS[mode])
    if mode == "greedy":
        bytearray(900_000_000)
    if mode == "ignore-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "helpers":
        subprocess.Popen([sys.executable, "-c", SLEEP])
        subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    if mode == "escape" and os.fork() == 0:
        # A double fork into a session of its own; it also keeps the lock that it inherited.
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--fd", type=int, required=True)
    options = parser.parse_args()
    spec = ServerSpec.model_validate_json((options.run_dir / "spec.json").read_bytes())
    mode = os.environ.get("STUB_MODE", "ok")
    misbehave_at_start(mode)
    listener = socket.socket(fileno=options.fd)
    stub = Stub(spec, listener, mode)
    control = Control(options.run_dir, listener, stub)
    await control.start()
    print("stub is up", flush=True)
    await asyncio.sleep(float(os.environ.get("STUB_LOAD_SECONDS", "0.2")))
    if mode == "problem":
        stub.problem = LoadFailed("The stub has no model.").problem()
        (options.run_dir / "problem.json").write_text(stub.problem.model_dump_json())
        stub.state = "failed"
        await asyncio.sleep(0.1)
        return 3
    if mode == "hang":
        await asyncio.sleep(600)
    if mode == "loud":
        for number in range(200):
            print(f"line {number}", flush=True)
    if mode != "ignore-term":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stub.drain)
    await stub.serve()
    await control.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
