"""The load generator against servers that misbehave, on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from backend.domain.load_test import LoadTestJob, LoadTestRequest, LoadTestResult
from backend.errors.load_test import LoadTestRejected
from backend.load_test import generator as generators
from backend.load_test.generator import Generator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
REFUSED = b'HTTP/1.1 422 No\r\nContent-Length: 20\r\n\r\n{"error":"too long"}'
Reply = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[int]:
    """A server that passes each request to `reply`; yields its port."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                await reply(await reader.readexactly(length), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def new(port: int, stop: asyncio.Event | None = None, **request: object) -> Generator:
    values = {"seconds": 1, "concurrency": 2, "inputs": [{"inputs": "a"}], **request}
    job = LoadTestJob(
        url=f"http://127.0.0.1:{port}", key=None, task="text-classification", is_handler=False,
        request=LoadTestRequest.model_validate(values),
    )  # fmt: skip
    return Generator(job, stop or asyncio.Event())


async def measured(generator: Generator) -> LoadTestResult:
    await generator.warm_up()
    return await generator.measure(lambda _: None)


async def test_requests_without_response_are_unfinished(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(generators, "GRACE_SECONDS", 0.1)
    count = 0

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count == 1:  # the warm-up
            writer.write(OK)

    async with serving(reply) as port:
        result = await measured(new(port))
    assert (result.requests, result.errors) == (0, {"unfinished": 2})


async def test_stop_ends_it_while_requests_wait():
    stop = asyncio.Event()
    count = 0

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count < 4:
            writer.write(OK)
        else:
            stop.set()

    async with serving(reply) as port:
        result = await measured(new(port, stop, seconds=120))
    assert (result.requests, result.errors) == (2, {})


async def test_connection_that_the_server_closes_is_opened_again():
    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with serving(reply) as port:
        result = await measured(new(port, concurrency=1))
    assert result.requests > 2


async def test_lost_responses_are_connection_errors():
    count = 0

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        if count % 2:
            writer.write(OK)
        else:
            writer.close()

    async with serving(reply) as port:
        result = await measured(new(port, concurrency=1))
    assert result.requests > 0
    assert set(result.errors) == {"connection"}
    assert "closed the connection" in (result.first_error or "")


async def test_texts_are_halved_until_the_server_accepts_them():
    lengths: set[int] = set()

    async def reply(body: bytes, writer: asyncio.StreamWriter) -> None:
        words = len(body.split())
        if words <= 30:
            lengths.add(words)
        writer.write(OK if words <= 30 else REFUSED)

    async with serving(reply) as port:
        result = await measured(new(port, inputs=None))
    assert result.requests > 0
    assert result.errors == {}
    assert len(lengths) > 2


async def test_input_that_the_server_rejects_ends_the_test():
    async def reply(body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(REFUSED if b"long" in body else OK)

    async with serving(reply) as port:
        generator = new(port, inputs=[{"inputs": "a"}, {"inputs": "long"}])
        with pytest.raises(LoadTestRejected, match=r"inputs\[1\]: 422 too long"):
            await generator.warm_up()
