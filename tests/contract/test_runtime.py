"""The contract of Runtime, tested on the fake and on real processes with the stub server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from backend.domain.server import ServerHandle, ServerSpec
from backend.errors import PlatformError
from backend.errors.inference import ModelLoading
from backend.errors.server import ServerDied
from backend.runtimes.base import Runtime
from tests.fakes.local_runtime import RecordingReport, local_runtime, stub_spec
from tests.fakes.runtimes import DyingRuntime, FakeRuntime, NeverReadyRuntime

PAUSED = ModelLoading("This deployment is paused.").problem()
FAKES = {"killed": DyingRuntime, "hang": NeverReadyRuntime}


@dataclass(frozen=True)
class Case:
    """A runtime, and a spec whose server misbehaves as named."""

    runtime: Runtime
    spec: ServerSpec


class Make(Protocol):
    """How a test gets its case."""

    async def __call__(self, mode: str = "ok") -> Case: ...


@pytest.fixture(params=["fake", "local"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    async with contextlib.AsyncExitStack() as stack:

        async def case(mode: str = "ok") -> Case:
            if request.param == "fake":
                fake = FAKES.get(mode, FakeRuntime)()
                stack.push_async_callback(_close, fake)
                return Case(fake, stub_spec())
            local = await stack.enter_async_context(local_runtime(tmp_path))
            return Case(local, stub_spec(env={"STUB_MODE": mode}))

        yield case


async def _close(runtime: FakeRuntime) -> None:
    for handle in list(runtime.handles.values()):
        await runtime.stop(handle)


async def test_started_server_runs_and_responds_at_its_url(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    assert (await case.runtime.status(handle)).state == "running"
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{handle.url}/predict")).status_code == 200


async def test_stopped_server_has_exited_and_refuses_connections(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    await case.runtime.stop(handle)
    assert (await case.runtime.status(handle)).state == "exited"
    await case.runtime.release(case.spec.deployment_id)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(handle.url)


async def test_stop_is_idempotent(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    await case.runtime.stop(handle)
    await case.runtime.stop(handle)
    assert (await case.runtime.status(handle)).state == "exited"


async def test_unknown_handle_is_unknown_and_can_be_stopped(make: Make) -> None:
    case = await make()
    stranger = ServerHandle(
        runtime="local", url="http://127.0.0.1:1", port=1, ref={"servers": "srv_0000000000000000"}
    )
    assert (await case.runtime.status(stranger)).state == "unknown"
    await case.runtime.stop(stranger)
    assert (await case.runtime.wait(stranger)).state == "unknown"


async def test_concurrent_starts_return_same_server(make: Make) -> None:
    case = await make()
    first, second = await asyncio.gather(
        case.runtime.start(case.spec, RecordingReport()),
        case.runtime.start(case.spec, RecordingReport()),
    )
    third = await case.runtime.start(case.spec, RecordingReport())
    assert first == third
    assert (await case.runtime.status(second)).state == "running"


async def test_handle_survives_json(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    again = ServerHandle.model_validate_json(handle.model_dump_json())
    assert (await case.runtime.status(again)).state == "running"
    await case.runtime.stop(again)
    assert (await case.runtime.status(handle)).state == "exited"


async def test_server_that_dies_at_once_fails_start_with_cause(make: Make) -> None:
    case = await make("killed")
    with pytest.raises(ServerDied) as caught:
        await asyncio.wait_for(case.runtime.start(case.spec, RecordingReport()), 15)
    assert "killed by signal 9" in caught.value.detail
    assert isinstance(caught.value, PlatformError)


async def test_cancelled_start_ends_soon(make: Make) -> None:
    case = await make("hang")
    start = asyncio.ensure_future(case.runtime.start(case.spec, RecordingReport()))
    await asyncio.sleep(0.3)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(start, 5)


async def test_server_ignoring_sigterm_is_killed(make: Make) -> None:
    case = await make("ignore-term")
    handle = await case.runtime.start(case.spec, RecordingReport())
    await case.runtime.stop(handle, grace=0.5)
    assert (await case.runtime.status(handle)).state == "exited"


async def test_wait_returns_when_server_is_stopped(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    waiting = asyncio.ensure_future(case.runtime.wait(handle))
    await asyncio.sleep(0)
    assert not waiting.done()
    await case.runtime.stop(handle)
    assert (await asyncio.wait_for(waiting, 10)).state == "exited"


async def test_held_port_is_used_by_started_server(make: Make) -> None:
    case = await make()
    port = await case.runtime.hold(case.spec.deployment_id, "127.0.0.1", None, PAUSED)
    handle = await case.runtime.start(case.spec, RecordingReport())
    assert handle.port == port


async def test_server_log_can_be_read(make: Make) -> None:
    case = await make()
    handle = await case.runtime.start(case.spec, RecordingReport())
    lines = [line async for line in case.runtime.logs(handle, tail=5, follow=False)]
    assert lines
    assert "up" in lines[0]


async def test_runtime_check_passes(make: Make) -> None:
    case = await make()
    assert await case.runtime.check() is None
