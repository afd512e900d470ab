"""Pipelines of diffusers through a whole control plane: files, extras, conversion, answers."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.tiny_models.diffusion import stable_diffusion

BODY: dict[str, Any] = {
    "inputs": "a boat",
    "parameters": {"seed": 1, "num_inference_steps": 2, "width": 64, "height": 64},
}
UNET = "unet/diffusion_pytorch_model"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    root = tmp_path_factory.mktemp("models")
    plain = stable_diffusion(root / "acme" / "plain")
    (plain / "v1-5-pruned.ckpt").write_bytes(b"not needed")
    halved = stable_diffusion(root / "acme" / "halved")
    for path in halved.glob("*/*.safetensors"):
        tensors = {name: tensor.half() for name, tensor in load_file(path).items()}
        save_file(tensors, path.with_name(f"{path.stem}.fp16.safetensors"), {"format": "pt"})
        path.unlink()
    pickled = stable_diffusion(root / "acme" / "pickled")
    weights = pickled / f"{UNET}.safetensors"
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()
    stable_diffusion(root / "acme" / "checked", checks=True)
    changed = stable_diffusion(root / "acme" / "own-code")
    index = json.loads((changed / "model_index.json").read_text())
    index["unet"] = ["own_unet", "OwnUNet"]
    (changed / "model_index.json").write_text(json.dumps(index))
    lacking = stable_diffusion(root / "acme" / "lacking")
    (lacking / f"{UNET}.safetensors").unlink()
    with FakeHub(root) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running_plane(tmp_path_factory.mktemp("plane"), HF_ENDPOINT=hub.url) as started:
        yield started


@pytest.fixture(scope="module")
def expected(plane: Plane) -> bytes:
    """The image of the plain repository."""
    return drawn(plane, "plain")


def drawn(plane: Plane, name: str) -> bytes:
    plane.deploy(f"acme/{name}", name=name, source="hub")
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    assert running["receipt"]["engine"] == "diffusers"
    assert running["model"]["task"] == "text-to-image"
    response = HTTP.post(f"{plane.url}/d/{name}/predict", json=BODY, timeout=60)
    assert response.headers["content-type"] == "image/png", response.text
    plane.verb(name, "pause")
    return response.content


def test_only_the_files_of_components_are_downloaded(
    plane: Plane, hub: FakeHub, expected: bytes
) -> None:
    assert Image.open(io.BytesIO(expected)).size == (64, 64)
    assert hub.requests(f"{UNET}.safetensors")
    assert not hub.requests("v1-5-pruned.ckpt")


@pytest.mark.long
def test_pickled_component_is_converted(plane: Plane, expected: bytes) -> None:
    assert drawn(plane, "pickled") == expected
    conversion = plane.get("pickled")["receipt"]["conversion"]
    assert [file["path"] for file in conversion["files"]] == [f"{UNET}.safetensors"]


@pytest.mark.long
def test_safety_checker_is_a_component(plane: Plane, hub: FakeHub, expected: bytes) -> None:
    assert drawn(plane, "checked") == expected
    assert hub.requests("safety_checker/model.safetensors")


@pytest.mark.long
def test_half_precision_variant_is_loaded(plane: Plane) -> None:
    assert Image.open(io.BytesIO(drawn(plane, "halved"))).size == (64, 64)


@pytest.mark.long
def test_pipeline_also_changes_images(plane: Plane) -> None:
    plane.deploy("acme/plain", name="changes", source="hub", task="image-to-image")
    running = plane.wait("changes", "running", "failed")
    assert running["state"] == "running", running["problem"]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [("own-code", "unsupported-format", "own_unet"), ("lacking", "missing-files", "'unet'")],
)
def test_unusable_pipeline_is_rejected_in_preflight(
    name: str, code: str, reason: str, plane: Plane
) -> None:
    found = plane.preflight(f"acme/{name}")
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert blocked["problem_code"] == code
    assert reason in blocked["detail"]


def test_other_task_of_a_pipeline_is_rejected(plane: Plane) -> None:
    body = {"model_id": "acme/plain", "task": "text-generation"}
    found = HTTP.post(f"{plane.url}/api/v1/preflight", json=body).json()
    codes = [item["problem_code"] for item in found["items"] if item["verdict"] == "block"]
    assert codes == ["model-not-supported"]
