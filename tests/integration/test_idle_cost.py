"""Cost of idle deployments for the control plane, and freshness of metrics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event

from backend.api.metrics import EXPOSITION_AGE, metrics_app
from backend.api_server import ControlPlane
from backend.config import Settings
from tests.fakes.control_plane import free_ports

COUNT = 4
IDLE_SECONDS = 11.0
POLLS, POLL_SECONDS = 300, 0.2


@dataclass(frozen=True)
class Instance:
    """A control plane inside this process, and clients of its API and of its /metrics."""

    api: httpx.AsyncClient
    exposition: httpx.AsyncClient

    async def series(self, name: str) -> dict[str, Any]:
        return (await self.api.get(f"/api/v1/deployments/{name}/metrics?window=15m")).json()

    async def text(self) -> str:
        return (await self.exposition.get("/metrics")).text

    async def predict(self, name: str, times: int) -> None:
        deployment = (await self.api.get(f"/api/v1/deployments/{name}")).json()
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in range(times):
                response = await client.post(deployment["endpoint"], json={"inputs": "a fine day"})
                assert response.status_code == 200


@pytest.fixture
async def instance(tmp_path: Path) -> AsyncIterator[Instance]:
    """With COUNT running deployments on stub servers."""
    first = free_ports(40)
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue] - an option of pydantic-settings
        backend_port=first, frontend_port=first + 1, metrics_port=first + 2,
        model_serve_port_start=first + 5, model_serve_port_end=first + 39,
        model_storage_path=tmp_path / "storage", temp_model_path=tmp_path / "tmp",
        logs_path=tmp_path / "logs", huggingface_cache_dir=tmp_path / "hub",
        hf_home=tmp_path / "no-home", hf_endpoint="http://127.0.0.1:9", stop_models_on_exit=True,
    )  # fmt: skip
    control_plane = ControlPlane(settings, "tests.fakes.stub_server")
    control_plane.ends_models = lambda: True
    metrics = metrics_app(control_plane.store, control_plane.latest, control_plane.refresh)
    async with (
        control_plane.app.router.lifespan_context(control_plane.app),
        _client(control_plane.app) as api,
        _client(metrics) as exposition,
    ):
        for number in range(COUNT):
            body = {"model_id": "sentiment", "source": "starter", "name": f"idle-{number}"}
            assert (await api.post("/api/v1/deployments", json=body)).status_code == 202
        for _ in range(POLLS):
            if set(await _states(api)) == {"running"}:
                break
            await asyncio.sleep(POLL_SECONDS)
        assert set(await _states(api)) == {"running"}
        yield Instance(api, exposition)


def _client(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60)


async def _states(api: httpx.AsyncClient) -> list[str]:
    page = await api.get("/api/v1/deployments?limit=100")
    return [item["state"] for item in page.json()["items"]]


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement of this process meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def value(text: str, name: str, deployment: str) -> float:
    """One sample of the exposition text."""
    [line] = [
        line
        for line in text.splitlines()
        if line.startswith(name) and f'deployment="{deployment}"' in line
    ]
    return float(line.rpartition(" ")[2])


async def test_idle_deployments_cost_one_probe_per_second_and_no_sql(instance: Instance) -> None:
    # The first scrapes write down what memory the servers use.
    await asyncio.sleep(2)
    before, tasks = await instance.text(), len(asyncio.all_tasks())
    began = asyncio.get_running_loop().time()
    with statements() as seen:
        await asyncio.sleep(IDLE_SECONDS)
    seconds = asyncio.get_running_loop().time() - began
    after = await instance.text()
    # Once a minute everything is looked at again: three statements, and one for each new memory.
    assert len(seen) <= 3 + COUNT, seen
    assert len(asyncio.all_tasks()) <= tasks + 1
    for number in range(COUNT):
        name = f"idle-{number}"
        probes = value(after, "stub_probes_total", name) - value(before, "stub_probes_total", name)
        assert 1 <= probes <= seconds + 3


async def test_metrics_request_refreshes_values(instance: Instance) -> None:
    names = ("idle-0", "idle-1")
    before = [value(await instance.text(), "slipway_requests_total", name) for name in names]
    await instance.predict("idle-0", 3)
    await asyncio.sleep(EXPOSITION_AGE + 0.1)
    after = [value(await instance.text(), "slipway_requests_total", name) for name in names]
    assert after == [before[0] + 3, before[1]]


async def test_series_of_mostly_idle_deployment_counts_every_request(
    instance: Instance,
) -> None:
    await instance.series("idle-2")
    for burst in (2, 5):
        await instance.predict("idle-2", burst)
        await asyncio.sleep(6)
    series = await instance.series("idle-2")
    assert series["requests"] == {"2xx": 7.0}
    assert sum(moment["requests"].get("2xx", 0) for moment in series["moments"]) == 7.0
    assert all(moment["seconds"] > 0 for moment in series["moments"])
