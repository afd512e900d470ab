"""Models that require torchvision or timm: served where a matching build exists, else rejected.

Which of the two this machine tests depends on its torch: the other half is skipped by name.
"""

import asyncio
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.domain.report import Unheard
from backend.errors.server import InstallFailed
from backend.packages import torchvision_build
from backend.packages.overlay import Overlays
from tests.fakes.control_plane import HTTP, Plane, started_plane
from tests.fakes.hub import FakeHub
from tests.fakes.locked_extras import ROOT, run_with

SHAPES = (
    "timm_classifier", "timm_encoder", "detr", "rf_detr", "dinov3", "depth_pro", "vivit",
    "lfm2_vl", "mistral3",
)  # fmt: skip
LOCK = ROOT / "requirements" / "extras" / "torchvision.txt"
# Configs of models that require the libraries; their weights are never read.
REJECTED: dict[str, dict[str, Any]] = {
    "timm": {"architecture": "resnet18", "num_classes": 3, "pretrained_cfg": {}},
    "detr": {"model_type": "detr", "architectures": ["DetrForObjectDetection"]},
    "dinov3": {"model_type": "dinov3_vit", "architectures": ["DINOv3ViTModel"]},
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path | str:
    """A folder with both libraries, as the product installs them; or why there is none."""
    try:
        importlib.metadata.version("torchvision")
    except importlib.metadata.PackageNotFoundError:
        overlays = Overlays(sys.executable, tmp_path_factory.mktemp("vision"), os.environ)
        try:
            return asyncio.run(overlays.ready([torchvision_build.part(LOCK, None)], Unheard()))
        except InstallFailed as error:
            return str(error)
    pytest.fail("torchvision is in the base environment, where it breaks every other model")


@pytest.fixture(scope="module")
def references(
    libraries: Path | str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("shapes")
    if isinstance(libraries, str):
        for name, config in REJECTED.items():
            folder = root / "acme" / name
            folder.mkdir(parents=True)
            (folder / "config.json").write_text(json.dumps(config))
            header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
            content = len(header).to_bytes(8, "little") + header + bytes(4)
            (folder / "model.safetensors").write_bytes(content)
            (folder / "preprocessor_config.json").write_text("{}")
        return root, {}
    return root, json.loads(run_with(libraries, "-m", "tests.fakes.vision_shapes", str(root)))


@pytest.fixture(scope="module")
def hub(references: tuple[Path, dict[str, Any]]) -> Iterator[FakeHub]:
    with FakeHub(references[0]) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    with started_plane(Plane(folder, {"HF_ENDPOINT": hub.url})) as started:
        yield started


def test_mismatched_build_is_rejected_in_preflight_with_the_reason(
    libraries: Path | str, plane: Plane, hub: FakeHub, references: tuple[Path, dict[str, Any]]
) -> None:
    if not isinstance(libraries, str):
        pytest.skip("a matching torchvision exists here")
    for name in REJECTED:
        found = plane.preflight(f"acme/{name}")
        [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
        assert blocked["problem_code"] == "model-not-supported"
        assert importlib.metadata.version("torch") in blocked["detail"]
        assert "TORCH_INDEX_URL" in blocked["remedy"]
        body = {"model_id": f"acme/{name}", "name": name}
        HTTP.post(f"{plane.url}/api/v1/deployments", json=body)
        failed = plane.wait(name, "failed")
        assert failed["problem"]["step"] == "validate"
    repo = hub.add("acme/detr", references[0] / "acme" / "detr")
    repo.commit({"config.json": b"{}"}, "no_timm")
    again = plane.preflight("acme/detr")
    assert any("revision no_timm" in (item["remedy"] or "") for item in again["items"])
    left = plane.folder / "storage" / "environments"
    assert list(left.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_model_returns_what_its_library_does(
    shape: str, libraries: Path | str, plane: Plane, references: tuple[Path, dict[str, Any]]
) -> None:
    if isinstance(libraries, str):
        pytest.skip(f"no torchvision matches the torch of this machine: {libraries}")
    reference = references[1][shape]
    found = plane.preflight(f"acme/{shape}")
    assert found["verdict"] != "block", found
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    running = plane.wait(name, "running")
    body = {"inputs": reference["body"], "parameters": reference.get("parameters", {})}
    if not body["parameters"]:
        del body["parameters"]
    response = HTTP.post(f"{running['url']}/predict", json=body)
    assert response.status_code == 200, response.text
    answer = response.json()
    if "depth" in answer:
        del answer["depth"]  # an image of the numbers between min and max
    assert is_close(answer, reference["output"]), response.text
    HTTP.delete(f"{plane.url}/api/v1/deployments/{name}")


def is_close(found: Any, wanted: Any) -> bool:
    """The same structure with the same texts, and numbers that differ by rounding only."""
    if isinstance(wanted, float | int) and isinstance(found, float | int):
        return found == pytest.approx(wanted, abs=1e-3)
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(is_close(found[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(is_close, found, wanted))
    return found == wanted


def test_servers_of_other_models_do_not_see_torchvision(plane: Plane) -> None:
    plane.deploy("sentiment", name="other")
    running = plane.wait("other", "running")
    assert HTTP.post(f"{running['url']}/predict", json={"inputs": "fine"}).status_code == 200
    [pid] = plane.server_pids()
    code = "import importlib.util; print(importlib.util.find_spec('torchvision'))"
    seen = subprocess.run(
        [sys.executable, "-c", code], env=psutil.Process(pid).environ(), capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip
    assert seen.strip() == "None"
