"""SpeechT5 is served with its vocoder from another repository, Bark with its voice presets.

The audio is what transformers generates from the same files. Tokenizers come from the lock of the
extra and the package registry, as for a user.
"""

import io
import json
import shutil
import signal
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.locked_extras import installed, run_with
from tests.fakes.speech_shapes import DEFAULT_VOCODER


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed("sentencepiece")


@pytest.fixture(scope="module")
def references(
    extra: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("shapes")
    return root, json.loads(run_with(extra, "-m", "tests.fakes.speech_shapes", str(root)))


@pytest.fixture(scope="module")
def hub(references: tuple[Path, dict[str, Any]]) -> Iterator[FakeHub]:
    with FakeHub(references[0]) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plane")


@pytest.fixture(scope="module")
def plane(hub: FakeHub, folder: Path) -> Iterator[Plane]:
    with running_plane(folder, HF_ENDPOINT=hub.url) as started:
        yield started


def items_of(plane: Plane, model_id: str, **request: object) -> dict[str, Any]:
    return {item["code"]: item for item in plane.preflight(model_id, **request)["items"]}


def deployed(plane: Plane, model_id: str, name: str, **request: Any) -> dict[str, Any]:
    plane.deploy(model_id, name=name, **({"source": "hub"} | request))
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    return running


def remove(plane: Plane, name: str) -> None:
    HTTP.delete(f"{plane.url}/api/v1/deployments/{name}")


def samples_of(response: httpx.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    with wave.open(io.BytesIO(response.content)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767


def check_audio(running: dict[str, Any], reference: dict[str, Any]) -> None:
    found = samples_of(HTTP.post(running["endpoint"], json=reference["body"]))
    assert found == pytest.approx(np.array(reference["samples"]), abs=1e-4)


@pytest.mark.parametrize(
    "shape",
    [
        "speecht5",
        pytest.param("speecht5_safetensors", marks=pytest.mark.long),
        pytest.param("bark", marks=pytest.mark.long),
    ],
)
def test_speech_model_that_passes_preflight_returns_what_transformers_does(
    shape: str, plane: Plane, references: tuple[Path, dict[str, Any]]
) -> None:
    items = items_of(plane, f"acme/{shape}")
    assert [code for code, item in items.items() if item["verdict"] == "block"] == []
    name = shape.replace("_", "-")
    check_audio(deployed(plane, f"acme/{shape}", name), references[1][shape])
    remove(plane, name)


def test_vocoder_is_pinned_counted_and_shown(plane: Plane) -> None:
    items = items_of(plane, "acme/speecht5")
    assert f"Its vocoder is {DEFAULT_VOCODER} at commit " in items["source"]["detail"]
    assert items["license"]["detail"] == f"Model: apache-2.0. Vocoder {DEFAULT_VOCODER}: mit."
    assert "sentencepiece" in items["libraries"]["detail"]
    url = f"{plane.url}/api/v1/models/hub"
    model = HTTP.get(f"{url}/acme/speecht5_safetensors").json()
    vocoder = HTTP.get(f"{url}/{DEFAULT_VOCODER}").json()
    assert model["vocoder"]["id"] == DEFAULT_VOCODER
    assert model["vocoder"]["commit"] == vocoder["commit"]
    own = sum(file["bytes"] for file in model["files"])
    assert model["download_bytes"] == own + vocoder["download_bytes"]
    assert model["parameters"] > vocoder["parameters"]


@pytest.mark.long
def test_requested_vocoder_is_used(
    plane: Plane, extra: Path, references: tuple[Path, dict[str, Any]]
) -> None:
    root = references[0] / "acme"
    running = deployed(plane, "acme/speecht5_safetensors", "own", vocoder="acme/own_vocoder")
    assert running["model"]["vocoder"]["id"] == "acme/own_vocoder"
    code = (
        "import json, sys; from pathlib import Path; from tests.fakes.speech_shapes import spoken"
    )
    code += "; print(json.dumps(spoken(Path(sys.argv[1]), Path(sys.argv[2]))))"
    made = run_with(
        extra, "-c", code, str(root / "speecht5_safetensors"), str(root / "own_vocoder")
    )
    reference = json.loads(made)
    assert reference["samples"] != references[1]["speecht5"]["samples"]
    check_audio(running, reference)
    remove(plane, "own")


@pytest.mark.parametrize(
    ("model_id", "request_", "code", "words"),
    [
        (
            "acme/speecht5_other_bands", {}, "model-not-supported",
            "it reads 8 bands of a spectrogram, and the model generates 4",
        ),
        (
            "acme/speecht5", {"vocoder": "acme/bark"}, "model-not-supported",
            "it is BarkModel, not SpeechT5HifiGan",
        ),
        (
            "acme/speecht5", {"vocoder": "acme/nowhere"}, "model-not-found",
            "acme/speecht5 requires the vocoder acme/nowhere: The Hub has no model",
        ),
        (
            "acme/bark", {"vocoder": DEFAULT_VOCODER}, "unsupported-option",
            "acme/bark does not use a vocoder.",
        ),
    ],
)  # fmt: skip
def test_vocoder_that_cannot_be_used_is_rejected_before_the_weights(
    model_id: str, request_: dict[str, Any], code: str, words: str, plane: Plane
) -> None:
    [blocked] = [
        item
        for item in items_of(plane, model_id, **request_).values()
        if item["verdict"] == "block"
    ]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == (code, True)
    assert words in blocked["detail"]
    plane.deploy(model_id, name="refused", source="hub", **request_)
    failed = plane.wait("refused", "running", "failed")
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", code)
    remove(plane, "refused")


@pytest.mark.long
def test_vocoder_in_use_is_kept_in_the_cache(plane: Plane) -> None:
    deployed(plane, "acme/speecht5", "kept")
    cache = f"{plane.url}/api/v1/cache"
    users = {item["model_id"]: item["used_by"] for item in HTTP.get(cache).json()["items"]}
    assert users[DEFAULT_VOCODER] == ["kept"]
    refused = HTTP.delete(f"{cache}/hub/{DEFAULT_VOCODER}")
    assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
    remove(plane, "kept")


@pytest.mark.long
def test_local_model_with_a_local_vocoder(
    plane: Plane, folder: Path, references: tuple[Path, dict[str, Any]]
) -> None:
    local = folder / "storage" / "local"
    for name in ("acme/speecht5", DEFAULT_VOCODER):
        shutil.copytree(references[0] / name, local / name)
    running = deployed(plane, "acme/speecht5", "local", source="local")
    assert running["model"]["vocoder"]["source"] == "local"
    check_audio(running, references[1]["speecht5"])
    remove(plane, "local")


@pytest.mark.long
def test_redeploys_from_the_cache_without_the_hub(
    plane: Plane, hub: FakeHub, references: tuple[Path, dict[str, Any]]
) -> None:
    first = deployed(plane, "acme/speecht5", "online")
    plane.end(signal.SIGINT)
    before = len(hub.requests(""))
    plane.settings["HF_HUB_OFFLINE"] = "1"
    plane.start()
    check_audio(plane.wait("online", "running", "failed"), references[1]["speecht5"])
    again = deployed(plane, "acme/speecht5", "offline")
    check_audio(again, references[1]["speecht5"])
    assert again["model"]["vocoder"] == first["model"]["vocoder"]
    assert len(hub.requests("")) == before
