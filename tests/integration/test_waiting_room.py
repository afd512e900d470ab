"""What a client gets while no server of a deployment is ready: a reason, at once."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.domain.deployment import State
from backend.errors.inference import ModelLoading
from backend.keeper.ports import listen, port_of
from backend.pipeline.unavailable import unavailable
from backend.runtimes.local import LocalRuntime
from backend.runtimes.waiting_room import WaitingRoom
from tests.fakes.local_runtime import RecordingReport, local_runtime, stub_spec

LOADING = ModelLoading("The model server is starting.").problem()
PAUSED = ModelLoading("This deployment is paused.").problem()


@dataclass(frozen=True)
class Open:
    """A room on a port of its own; `shared` is the socket as the keeper would hold it."""

    room: WaitingRoom
    url: str
    port: int
    shared: socket.socket


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    shared = listen("127.0.0.1", 0)
    duplicate = socket.fromfd(shared.fileno(), shared.family, shared.type)
    room = WaitingRoom(duplicate, LOADING, 20.0)
    await room.open()
    port = port_of(shared)
    with contextlib.closing(shared):
        yield Open(room, f"http://127.0.0.1:{port}", port, shared)
        await room.abort()


async def test_every_request_returns_problem_with_retry_after(opened: Open) -> None:
    async with httpx.AsyncClient() as client:
        responses = [
            await client.get(f"{opened.url}/health"),
            await client.post(f"{opened.url}/predict", json={"inputs": "x"}),
            await client.put(f"{opened.url}/anything", content=b"y" * 500_000),
        ]
    for response in responses:
        body = response.json()
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert 1 <= int(response.headers["retry-after"]) <= 20
        assert body["error"] == LOADING.detail
        assert body["error_type"] == "loading"
        assert 1 <= body["estimated_time"] <= 20
        assert body["request_id"] == response.headers["x-request-id"]


async def test_deployment_without_automatic_start_has_no_retry_after(opened: Open) -> None:
    problem = unavailable("mine", State.SCALED_TO_ZERO).problem()
    opened.room.say(problem, 20.0)
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{opened.url}/predict", json={"inputs": "x"})
    assert response.status_code == 503
    assert "retry-after" not in response.headers
    assert response.json() == {
        **problem.model_dump(),
        "request_id": response.headers["x-request-id"],
    }


async def test_client_request_id_is_returned(opened: Open) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(opened.url, headers={"X-Request-Id": "mine-1"})
        odd = await client.get(opened.url, headers={"X-Request-Id": "<script>"})
    assert response.headers["x-request-id"] == "mine-1"
    assert "<" not in odd.headers["x-request-id"]


async def test_head_has_no_body(opened: Open) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.head(opened.url)
    assert (response.status_code, response.content) == (503, b"")


async def test_invalid_http_gets_503(opened: Open) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    writer.write(b"\x00\xff" * 40_000)
    response = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert response == b"HTTP/1.1 503 Service Unavailable\r\n"


async def test_100_silent_connections_do_not_block_requests(opened: Open) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", opened.port) for _ in range(100)]
    async with httpx.AsyncClient(timeout=5) as client:
        assert (await client.get(opened.url)).status_code == 503
    for _, writer in silent:
        writer.close()


async def test_new_problem_replaces_old_one(opened: Open) -> None:
    opened.room.say(PAUSED, 5.0)
    async with httpx.AsyncClient() as client:
        assert (await client.get(opened.url)).json()["error"] == PAUSED.detail


async def test_connection_accepted_before_close_gets_response(opened: Open) -> None:
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", opened.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.settimeout(5)
        # The loop accepts in the round in which we wake up, and closes before it does any more.
        await asyncio.sleep(0)
        loop.call_soon(opened.room.close)
        response = await asyncio.to_thread(client.recv, 4096)
    assert response.startswith(b"HTTP/1.1 503 ")


async def test_connections_after_close_wait_for_next_listener(opened: Open) -> None:
    opened.room.close()
    async with httpx.AsyncClient(timeout=10) as client:
        pending = asyncio.ensure_future(client.get(opened.url))
        second = WaitingRoom(
            socket.fromfd(opened.shared.fileno(), socket.AF_INET, socket.SOCK_STREAM), PAUSED, 5.0
        )
        await asyncio.sleep(0.1)
        assert not pending.done()
        await second.open()
        assert (await pending).json()["error"] == PAUSED.detail
        await second.abort()


async def test_loading_deployment_returns_503_until_started(tmp_path: Path) -> None:
    async with local_runtime(tmp_path) as runtime, httpx.AsyncClient(timeout=10) as client:
        port = await runtime.hold("dep_stub", "127.0.0.1", None, PAUSED)
        url = f"http://127.0.0.1:{port}"
        assert (await client.get(url)).json()["error"] == PAUSED.detail
        slow = stub_spec(env={"STUB_LOAD_SECONDS": "1"})
        starting = asyncio.ensure_future(runtime.start(slow, RecordingReport()))
        errors: set[str] = set()
        while not starting.done():
            response = await client.get(url)
            if response.status_code == 503:
                errors.add(json.loads(response.text)["error"])
        handle = await starting
        assert "The model server is starting." in errors
        responses = [await client.get(handle.url) for _ in range(50)]
        assert {response.status_code for response in responses} == {200}


async def test_hold_on_served_deployment_changes_nothing(tmp_path: Path) -> None:
    async with local_runtime(tmp_path) as runtime, httpx.AsyncClient(timeout=10) as client:
        handle = await runtime.start(stub_spec(), RecordingReport())
        assert await runtime.hold("dep_stub", "127.0.0.1", None, PAUSED) == handle.port
        assert {(await client.get(handle.url)).status_code for _ in range(20)} == {200}


async def test_in_flight_requests_finish_and_new_ones_get_503(tmp_path: Path) -> None:
    async with local_runtime(tmp_path) as runtime, httpx.AsyncClient(timeout=10) as client:
        handle = await runtime.start(stub_spec(), RecordingReport())
        slow = asyncio.ensure_future(client.get(f"{handle.url}/slow"))
        await asyncio.sleep(0.2)
        await runtime.stop(handle, grace=5)
        assert (await slow).status_code == 200
        assert (await client.get(handle.url)).status_code == 503
        await _wait_for_release(runtime, client, handle.url)


async def _wait_for_release(runtime: LocalRuntime, client: httpx.AsyncClient, url: str) -> None:
    await runtime.release("dep_stub")
    with pytest.raises(httpx.ConnectError):
        await client.get(url)
