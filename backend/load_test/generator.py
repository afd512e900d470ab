"""A closed loop: each connection sends its next request when it has the response to the last."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from backend.domain.load_test import LoadTestJob, LoadTestProgress, LoadTestResult
from backend.errors.load_test import LoadTestRejected
from backend.load_test.inputs import Body, choices, others, streams
from backend.load_test.tally import Tally
from backend.transport.http_connection import Connection, Response, connect, post

TICK_SECONDS = 0.5
# Time for requests that are under way at the end.
GRACE_SECONDS = 10.0
# Pause of a connection after an error, so that a rejecting server is not flooded.
PAUSE_SECONDS = 0.1
# Statuses that tell nothing about the body: no key, wrong key, timeout, busy.
_NOT_THE_BODY = frozenset({401, 403, 404, 408, 429})
_BUSY = frozenset({429, 503})
_TRIES = 20
TOKEN = b'"token":{'
FAILURE = b'data: {"error":'
_LONGEST_REASON = 300

OnProgress = Callable[[LoadTestProgress], None]


class Generator:
    """The requests of one job. `stop` ends everything at once."""

    def __init__(self, job: LoadTestJob, stop: asyncio.Event) -> None:
        self._job = job
        self._stop = stop
        url = urlsplit(job.url)
        self._host, self._port = url.hostname or "127.0.0.1", url.port or 80
        self._netloc = url.netloc
        self._streams = streams(job)
        self._requests: list[bytes] = []
        self._tally = Tally(streams=self._streams)
        self._is_over = False

    async def warm_up(self) -> None:
        """Find requests that the server accepts. Raises LoadTestRejected."""
        slots = asyncio.Semaphore(self._job.request.concurrency)

        async def find(number: int, bodies: Sequence[Body]) -> bytes:
            async with slots:
                return await self._accepted(number, bodies)

        found = await asyncio.gather(
            *(find(number, bodies) for number, bodies in enumerate(choices(self._job)))
        )
        self._requests = [*found, *map(self._as_request, others(self._job))]

    async def measure(self, on_progress: OnProgress) -> LoadTestResult:
        """Send requests until the time is over or `stop` is set."""
        turns = cycle(self._requests)
        began = time.perf_counter()
        clients = [
            asyncio.create_task(self._client(turns.__next__))
            for _ in range(self._job.request.concurrency)
        ]
        ticking = asyncio.create_task(self._tick(began, on_progress))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), self._job.request.seconds)
        self._is_over, ended = True, time.perf_counter()
        await self._finish(clients)
        ticking.cancel()
        return self._tally.result(began, ended)

    async def _finish(self, clients: list[asyncio.Task[None]]) -> None:
        """Wait for the last responses, unless the test is stopped."""
        stopped = asyncio.create_task(self._stop.wait())
        done = asyncio.ensure_future(asyncio.wait(clients, timeout=GRACE_SECONDS))
        await asyncio.wait({stopped, done}, return_when=asyncio.FIRST_COMPLETED)
        late = [client for client in clients if not client.done()]
        for task in (stopped, done, *late):
            task.cancel()
        await asyncio.gather(stopped, done, *late, return_exceptions=True)
        if not self._stop.is_set():
            text = f"No response within {GRACE_SECONDS:.0f} s after the end."
            self._tally.error("unfinished", text, len(late))
        for client in clients:
            if not client.cancelled() and (error := client.exception()) is not None:
                raise error

    async def _tick(self, began: float, on_progress: OnProgress) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            on_progress(self._tally.progress(time.perf_counter() - began))

    async def _client(self, next_request: Callable[[], bytes]) -> None:
        connection: Connection | None = None
        try:
            while not self._is_over:
                try:
                    if connection is None or not connection.is_open:
                        connection = await connect(self._port, self._host)
                    is_fine = await self._exchange(connection, next_request())
                except OSError as error:
                    self._tally.error("connection", f"{type(error).__name__}: {error}")
                    connection, is_fine = None, False
                if not is_fine:
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            if connection is not None:
                connection.close()

    async def _exchange(self, connection: Connection, request: bytes) -> bool:
        """Send a request and count what happens; whether it was successful."""
        latest: float | None = None
        kept: list[bytes] = []

        def on_piece(piece: bytes) -> None:
            nonlocal latest
            if count := piece.count(TOKEN):
                now = time.perf_counter()
                self._tally.tokens(began, latest, now, count)
                latest = now
            if not piece.startswith(b"data:") or piece.startswith(FAILURE):
                kept.append(piece)

        began = time.perf_counter()
        response = await connection.exchange(request, on_piece if self._streams else None)
        ended = time.perf_counter()
        if response.status != 200:
            body = response.body or b"".join(kept)
            self._tally.error(str(response.status), _reason(response.status, body))
        elif failures := [piece for piece in kept if piece.startswith(FAILURE)]:
            self._tally.error("stream", failures[0].decode(errors="replace")[:_LONGEST_REASON])
        else:
            self._tally.success(began, ended)
            return True
        return False

    async def _accepted(self, number: int, bodies: Sequence[Body]) -> bytes:
        """The first of these requests that the server accepts."""
        response = None
        for body in bodies:
            request = self._as_request(body)
            response = await self._tried(request)
            if response.status == 200:
                return request
            if response.status >= 500 or response.status in _NOT_THE_BODY:
                break
        assert response is not None  # noqa: S101 - there is at least one body
        where = f"inputs[{number}]" if self._job.request.inputs else "the input"
        reason = _reason(response.status, response.body)
        raise LoadTestRejected(f"The model server rejected {where}: {reason}")

    async def _tried(self, request: bytes) -> Response:
        """The response; a server that is busy with other requests is asked again."""
        for _ in range(_TRIES):
            response = await self._once(request)
            if response.status not in _BUSY:
                return response
            await asyncio.sleep(PAUSE_SECONDS)
        return await self._once(request)

    async def _once(self, request: bytes) -> Response:
        """The response on a connection of its own; 503 if there is none."""
        try:
            connection = await connect(self._port, self._host)
            try:
                return await connection.exchange(request)
            finally:
                connection.close()
        except OSError as error:
            return Response(503, f"{type(error).__name__}: {error}".encode())

    def _as_request(self, body: Body) -> bytes:
        return post(
            "/predict", body.content, body.content_type, host=self._netloc, key=self._job.key
        )


def _reason(status: int, body: bytes) -> str:
    """The error text of a response, with its status."""
    text = body.decode(errors="replace")
    with contextlib.suppress(ValueError, KeyError, TypeError):
        problem: Any = json.loads(text)
        text = str(problem["error"])
    return f"{status} {text}"[:_LONGEST_REASON].strip()
