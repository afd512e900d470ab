"""PEFT adapters are served with their base model, and return what peft returns unmerged.

The library comes from the lock of the extra and the package registry, as for a user.
"""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.locked_extras import installed, run_with

SERVED = (
    "lora_llama", "dora_llama", "lora_new_tokens", "lora_of_4bit", "lora_bart", "lora_roberta",
    "ia3_pickle",
)  # fmt: skip
# Merged in test_peft_kinds, too.
LONG = {
    "dora_llama", "lora_bart", "lora_of_4bit", "ia3_pickle", "lora_new_tokens", "lora_roberta",
}  # fmt: skip
REJECTED = {
    "prompt_tuning": ("unsupported-format", "PROMPT_TUNING"),
    "lora_nameless": ("unsupported-format", "'../llama', a path"),
    "lora_missing_base": ("model-not-found", "adapter of acme/removed: The Hub has no model"),
    "lora_gated_base": ("model-gated", "adapter of acme/gated: acme/gated is available only"),
    "lora_of_adapter": ("unsupported-format", "acme/lora_llama is a PEFT adapter itself"),
    "lora_of_gptq": ("model-not-supported", "acme/base_gptq is quantized"),
    "lora_headless": ("model-not-supported", "SEQ_CLS needs a head"),
    "adapterhub": ("unsupported-format", "no adapter_model.safetensors"),
}


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the repositories, and requests with the outputs of peft itself."""
    root = tmp_path_factory.mktemp("shapes")
    extra = installed("peft")
    return root, json.loads(run_with(extra, "-m", "tests.fakes.adapter_shapes", str(root)))


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


def check_response(running: dict[str, Any], reference: dict[str, Any]) -> None:
    response = HTTP.post(running["endpoint"], json=reference["body"])
    assert response.status_code == 200, response.text
    if "label" not in json.dumps(reference["output"]):
        assert response.json() == reference["output"]
        return
    [[*found]], [[*wanted]] = response.json(), reference["output"]
    assert [one["label"] for one in found] == [one["label"] for one in wanted]
    scores = [one["score"] for one in wanted]
    assert [one["score"] for one in found] == pytest.approx(scores, abs=1e-4)


def test_every_shape_is_listed_here(references: tuple[Path, dict[str, Any]]) -> None:
    assert set(references[1]) == {*SERVED, *REJECTED}


@pytest.mark.parametrize(
    "shape",
    [pytest.param(one, marks=pytest.mark.long) if one in LONG else one for one in SERVED],
)
def test_adapter_that_passes_preflight_returns_what_peft_does(
    shape: str, plane: Plane, references: tuple[Path, dict[str, Any]]
) -> None:
    items = items_of(plane, f"acme/{shape}")
    assert [code for code, item in items.items() if item["verdict"] == "block"] == []
    assert "merged into acme/base_" in items["source"]["detail"]
    name = shape.replace("_", "-")
    running = deployed(plane, f"acme/{shape}", name)
    check_response(running, references[1][shape])
    base, merge = running["model"]["base"], running["receipt"]["merge"]
    assert (merge["base"], merge["commit"]) == (base["id"], base["commit"])
    assert base["commit"][:7] in items["source"]["detail"]
    remove(plane, name)


@pytest.mark.parametrize("shape", REJECTED)
def test_adapter_that_preflight_rejects_fails_before_its_weights(
    shape: str, plane: Plane, hub: FakeHub
) -> None:
    [blocked] = [
        item for item in plane.preflight(f"acme/{shape}")["items"] if item["verdict"] == "block"
    ]
    code, reason = REJECTED[shape]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == (code, True)
    assert reason in blocked["detail"]
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    failed = plane.wait(name, "running", "failed")
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", code)
    assert failed["problem"]["detail"] == blocked["detail"]
    remove(plane, name)


def test_gated_base_model_has_its_own_page_in_the_remedy(plane: Plane, hub: FakeHub) -> None:
    found = items_of(plane, "acme/lora_gated_base")["source"]
    assert found["remedy"].startswith(f"Accept the terms at {hub.url}/acme/gated,")


def test_license_and_size_are_those_of_both(plane: Plane, hub: FakeHub) -> None:
    items = items_of(plane, "acme/lora_llama")
    assert items["license"]["detail"] == "Adapter: mit. Base model acme/base_llama: apache-2.0."
    url = f"{plane.url}/api/v1/models/hub/acme"
    adapter, base = (HTTP.get(f"{url}/{name}").json() for name in ("lora_llama", "base_llama"))
    own = sum(file["bytes"] for file in adapter["files"])
    assert adapter["download_bytes"] == own + base["download_bytes"]
    assert adapter["base"]["id"] == "acme/base_llama"
    assert (adapter["base"]["license"], adapter["license"]) == ("apache-2.0", "mit")
    assert adapter["task"] == "text-generation"
    assert "peft" in adapter["needs"]


def test_sibling_without_quantization_is_named(plane: Plane) -> None:
    detail = items_of(plane, "acme/lora_of_4bit")["source"]["detail"]
    assert "merged into acme/base_llama at commit" in detail
    assert detail.endswith("it was trained on acme/base_llama-unsloth-bnb-4bit.")


def test_base_model_in_use_is_kept_in_the_cache(plane: Plane) -> None:
    deployed(plane, "acme/lora_llama", "kept")
    cache = f"{plane.url}/api/v1/cache"
    users = {item["model_id"]: item["used_by"] for item in HTTP.get(cache).json()["items"]}
    assert users["acme/lora_llama"] == ["kept"]
    assert "kept" in users["acme/base_llama"]
    refused = HTTP.delete(f"{cache}/hub/acme/base_llama")
    assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
    remove(plane, "kept")


def test_local_adapter_with_a_local_base_model(
    plane: Plane, folder: Path, references: tuple[Path, dict[str, Any]]
) -> None:
    local = folder / "storage" / "local" / "acme"
    for name in ("lora_llama", "base_llama"):
        shutil.copytree(references[0] / "acme" / name, local / name)
    running = deployed(plane, "acme/lora_llama", "local", source="local")
    assert running["model"]["base"]["source"] == "local"
    check_response(running, references[1]["lora_llama"])
    remove(plane, "local")
    shutil.rmtree(local / "base_llama")
    running = deployed(plane, "acme/lora_llama", "half-local", source="local")
    assert running["model"]["base"]["source"] == "hub"
    check_response(running, references[1]["lora_llama"])
    remove(plane, "half-local")


@pytest.mark.long
def test_redeploys_from_the_cache_without_the_hub(
    plane: Plane, hub: FakeHub, references: tuple[Path, dict[str, Any]]
) -> None:
    first = deployed(plane, "acme/lora_of_4bit", "online")
    plane.end(signal.SIGINT)
    before = len(hub.requests(""))
    plane.settings["HF_HUB_OFFLINE"] = "1"
    plane.start()
    again = plane.wait("online", "running", "failed")
    check_response(again, references[1]["lora_of_4bit"])
    running = deployed(plane, "acme/lora_of_4bit", "offline")
    check_response(running, references[1]["lora_of_4bit"])
    assert running["model"]["base"]["commit"] == first["model"]["base"]["commit"]
    assert running["receipt"]["merge"] == first["receipt"]["merge"]
    assert len(hub.requests("")) == before
