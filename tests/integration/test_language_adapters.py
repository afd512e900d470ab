"""MMS: of its adapters, those of the requested languages are downloaded, pinned and served."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from backend.tasks.samples import wav
from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.tiny_models import recognition

AUDIO = base64.b64encode(wav(1)).decode()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    root = tmp_path_factory.mktemp("hub")
    recognition.mms(root / "acme" / "mms")
    recognition.parakeet_ctc(root / "acme" / "parakeet")
    with FakeHub(root) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running_plane(tmp_path_factory.mktemp("plane"), HF_ENDPOINT=hub.url) as started:
        yield started


def deployed(plane: Plane, name: str, **request: Any) -> dict[str, Any]:
    plane.deploy("acme/mms", name=name, source="hub", **request)
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    return running


def transcript(running: dict[str, Any], **parameters: Any) -> Any:
    body = {"inputs": AUDIO, "parameters": parameters}
    return HTTP.post(running["endpoint"], json=body).json()


def test_only_requested_adapters_are_downloaded(plane: Plane, hub: FakeHub) -> None:
    plain = deployed(plane, "plain")
    assert not hub.requests("adapter.")
    assert transcript(plain)["text"]
    assert "this deployment has eng" in transcript(plain, language="fra")["detail"]
    french = deployed(plane, "french", languages=["fra"])
    assert hub.requests("adapter.fra.safetensors")
    assert not hub.requests("adapter.deu.safetensors")
    assert french["model"]["bytes"] > plain["model"]["bytes"]
    assert transcript(french, language="fra")["text"] != transcript(french)["text"]
    assert transcript(french)["text"] == transcript(plain)["text"]
    assert "this deployment has eng, fra" in transcript(french, language="deu")["detail"]


@pytest.mark.parametrize(
    ("model_id", "languages", "words", "remedy"),
    [
        ("acme/mms", ["spa", "fra"], "no adapter for spa", "adapters for deu, eng, fra."),
        ("acme/parakeet", ["fra"], "has no language adapters", "Leave languages out."),
    ],
)
def test_language_without_adapter_is_rejected_in_preflight(
    model_id: str, languages: list[str], words: str, remedy: str, plane: Plane
) -> None:
    found = plane.preflight(model_id, languages=languages)
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == "unsupported-option"
    assert words in blocked["detail"]
    assert remedy in blocked["remedy"]


def test_language_is_a_code_not_a_path(plane: Plane) -> None:
    body = {"model_id": "acme/mms", "languages": ["../fra"]}
    assert HTTP.post(f"{plane.url}/api/v1/preflight", json=body).status_code == 422


def test_files_of_two_deployments_of_one_commit_do_not_conflict(plane: Plane) -> None:
    german = deployed(plane, "german", languages=["deu"])
    assert transcript(german, language="deu")["text"] != transcript(german)["text"]
    french = HTTP.get(f"{plane.url}/api/v1/deployments/french").json()
    assert transcript(french, language="fra")["text"]


def test_local_model_loads_only_requested_languages(plane: Plane) -> None:
    folder = plane.folder / "storage" / "local" / "acme" / "mms"
    recognition.mms(folder)
    plane.deploy("acme/mms", name="local", source="local", languages=["fra"])
    running = plane.wait("local", "running", "failed")
    assert running["state"] == "running", running["problem"]
    assert transcript(running, language="fra")["text"]
    assert "this deployment has eng, fra" in transcript(running, language="deu")["detail"]
