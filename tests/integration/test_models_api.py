"""Models as the Models page lists them: starters, local folders, the cache, and who uses each."""

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until
from tests.fakes.hub import FakeHub
from tests.fakes.models import text_classification


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane with a Hub, one local model, one local adapter."""
    folder = tmp_path_factory.mktemp("plane")
    good = text_classification(folder / "good")
    local = folder / "storage" / "local"
    shutil.copytree(good, local / "mine")
    (local / "adapter").mkdir()
    (local / "adapter" / "adapter_config.json").write_text("{}")
    with FakeHub() as hub:
        for name in ("used", "unused"):
            hub.add(f"tiny/{name}", good)
        with stub_plane(folder, HF_ENDPOINT=hub.url) as started:
            yield started


def get_json(plane: Plane, path: str) -> dict[str, Any]:
    response = HTTP.get(f"{plane.url}/api/v1{path}")
    assert response.status_code == 200, response.text
    return response.json()


def delete(plane: Plane, model_id: str) -> httpx.Response:
    return HTTP.delete(f"{plane.url}/api/v1/cache/hub/{model_id}")


def test_every_source_lists_deployments_of_model(plane: Plane) -> None:
    plane.wait(plane.deploy("mine", source="local", name="second")["id"], "running")
    plane.wait(plane.deploy("mine", source="local", name="first")["id"], "running")
    plane.wait(plane.deploy("sentiment", name="moods")["id"], "running")
    local = get_json(plane, "/models?source=local")
    starters = get_json(plane, "/models?source=starter")
    shown = {card["id"]: (card["kind"], card["used_by"]) for card in local["items"]}
    assert shown == {"mine": (None, ["first", "second"]), "adapter": ("PEFT adapter", [])}
    used = {card["id"]: card["used_by"] for card in starters["items"]}
    assert used == {"sentiment": ["moods"], "digits": [], "tones": [], "stories": []}
    assert local["directory"] == str(plane.folder / "storage" / "local")
    assert starters["directory"] is None


def test_undeployable_model_has_no_fit_and_reports_format(plane: Plane) -> None:
    (card,) = get_json(plane, "/models?source=local&search=adapter")["items"]
    assert (card["fit"]["verdict"], card["fit"]["needed_bytes"]) == ("unknown", None)
    response = HTTP.get(f"{plane.url}/api/v1/models/local/adapter")
    assert (response.status_code, response.json()["code"]) == (422, "unsupported-format")
    made = plane.deploy("adapter", source="local")
    until(lambda: plane.get(made["id"])["state"] == "failed", "the refusal")
    problem = plane.get(made["id"])["problem"]
    assert (problem["code"], problem["step"]) == ("unsupported-format", "validate")


def test_cache_reports_size_and_keeps_models_in_use(plane: Plane) -> None:
    for name in ("used", "unused"):
        plane.wait(plane.deploy(f"tiny/{name}", source="hub", name=name)["id"], "running")
    HTTP.delete(f"{plane.url}/api/v1/deployments/unused")
    until(lambda: HTTP.get(f"{plane.url}/api/v1/deployments/unused").status_code == 404, "its end")
    page = get_json(plane, "/cache")
    shown = {item["model_id"]: item["used_by"] for item in page["items"]}
    assert shown == {"tiny/used": ["used"], "tiny/unused": []}
    assert page["total_bytes"] == sum(item["bytes"] for item in page["items"]) > 0
    assert page["disk_free_bytes"] > 0
    assert page["directory"] == str(plane.folder / "hub")
    assert all(item["last_used_at"] for item in page["items"])
    cards = {card["id"]: card for card in get_json(plane, "/models?source=cached")["items"]}
    assert cards["tiny/used"]["used_by"] == ["used"]
    assert cards["tiny/used"]["task"] == "text-classification"

    refused = delete(plane, "tiny/used")
    assert refused.status_code == 409
    assert "used by used" in refused.json()["detail"]
    freed = delete(plane, "tiny/unused").json()["freed_bytes"]
    assert freed > 0
    after = get_json(plane, "/cache")
    assert [item["model_id"] for item in after["items"]] == ["tiny/used"]
    assert after["total_bytes"] == page["total_bytes"] - freed
