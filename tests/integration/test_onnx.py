"""Repositories with ONNX files through a whole control plane: what is downloaded, said and served.

ONNX Runtime is not installed here: it comes from the package registry, as for a user.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub

ROOT = Path(__file__).resolve().parents[2]
TEXT = "a wonderful film"
REJECTED = {
    "parts": "unsupported-format", "no_config": "unsupported-format",
    "writer": "model-not-supported", "truncated": "corrupt-model", "no_model": "corrupt-model",
    "empty": "corrupt-model", "outside": "unsafe-repository", "memory": "unsafe-repository",
    "no_data": "missing-files", "own_operators": "model-not-supported",
    "own_inputs": "model-not-supported",
}  # fmt: skip


def write(folder: Path, files: dict[str, bytes], **config: object) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if config:
        (folder / "config.json").write_text(json.dumps(config))


def field(number: int, content: bytes | str) -> bytes:
    """A field with a length, shorter than 128 bytes, of a protocol buffer."""
    raw = content.encode() if isinstance(content, str) else content
    assert len(raw) < 128
    return bytes([number << 3 | 2, len(raw)]) + raw


def model(graph: bytes) -> bytes:
    """An ONNX file: version 8 of the format, and the graph."""
    return b"\x08\x08" + field(7, graph)


def data_at(location: str) -> bytes:
    """A file whose only tensor is in another file."""
    entry = field(1, "location") + field(2, location)
    return model(field(5, field(8, "w") + field(13, entry)) + field(11, field(1, "input_ids")))


def rejected(root: Path, whole: bytes) -> None:
    """Repositories that must be rejected. `whole` is a complete ONNX file."""
    bert = {"model_type": "bert", "architectures": ["BertForSequenceClassification"]}
    names = ("encoder_model", "decoder_model_merged")
    write(
        root / "parts", {f"onnx/{name}.onnx": whole for name in names},
        model_type="t5", architectures=["T5ForConditionalGeneration"],
    )  # fmt: skip
    tags = ["onnx", "base_model:quantized:acme/source"]
    write(root / "parts", {"hub.json": json.dumps({"tags": tags}).encode()})
    write(root / "no_config", {"onnx/model.onnx": whole, "tokenizer.json": b"{}"})
    write(
        root / "writer", {"onnx/model.onnx": whole, "tokenizer.json": b"{}"},
        model_type="llama", architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    own = field(1, field(4, "Op") + field(7, "ai.onnx.contrib"))
    files = {
        "truncated": whole[: len(whole) // 2], "no_model": b"<html>Not found</html>", "empty": b"",
        "outside": data_at("../../secret"), "memory": data_at("*/_ORT_MEM_ADDR_/*"),
        "no_data": data_at("model.onnx_data"), "own_operators": model(own),
        "own_inputs": model(field(11, field(1, "past_key_values.0.key"))),
    }  # fmt: skip
    for name, content in files.items():
        write(root / name, {"model.onnx": content, "tokenizer.json": b"{}"}, **bert)
    write(root / "memory", {"*/_ORT_MEM_ADDR_/*": b"0" * 64})


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("onnx")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.onnx_models", str(root)]
    subprocess.run(build, cwd=ROOT, check=True)
    rejected(root / "acme", (root / "acme" / "classifier" / "model.onnx").read_bytes())
    return root


@pytest.fixture(scope="module")
def hub(repositories: Path) -> Iterator[FakeHub]:
    with FakeHub(repositories) as running:
        yield running


@pytest.fixture(scope="module")
def plane(
    hub: FakeHub, repositories: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    for shape in ("images", "parts"):
        shutil.copytree(repositories / "acme" / shape, folder / "storage" / "local" / shape)
    with running_plane(folder, HF_ENDPOINT=hub.url) as started:
        yield started


def blocked(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in found["items"] if item["verdict"] == "block"]


def deployed(plane: Plane, shape: str, **more: Any) -> dict[str, Any]:
    """A running deployment that preflight accepted."""
    found = plane.preflight(f"acme/{shape}", **more)
    assert blocked(found) == []
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub", **more)
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    items = {item["code"]: item for item in found["items"]}
    return running | {"items": items}


def scores_of_torch(repositories: Path, shape: str) -> dict[str, float]:
    folder = repositories / "torch" / shape
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
    own = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        [scores] = own(**tokenizer(TEXT, return_tensors="pt")).logits.softmax(-1).tolist()
    return {own.config.id2label[i]: score for i, score in enumerate(scores)}


@pytest.mark.parametrize(
    ("shape", "file"),
    [
        pytest.param("transformers_js", "onnx/model.onnx", marks=pytest.mark.long),
        ("data_file", "onnx/model.onnx"),
    ],
)
def test_model_is_served_by_onnx_runtime(
    shape: str, file: str, plane: Plane, hub: FakeHub, repositories: Path
) -> None:
    running = deployed(plane, shape)
    assert f"{file}, in float32" in running["items"]["engine"]["detail"]
    assert "onnxruntime" in running["items"]["libraries"]["detail"]
    receipt = running["receipt"]
    assert (receipt["engine"], receipt["device"], receipt["dtype"]) == (
        "onnxruntime", "cpu", "float32",
    )  # fmt: skip
    assert file in receipt["candidates"][0]["reason"]
    response = HTTP.post(running["endpoint"], json={"inputs": TEXT})
    assert response.status_code == 200, response.text
    [found] = response.json()
    expected = scores_of_torch(repositories, shape)
    assert {one["label"]: one["score"] for one in found} == pytest.approx(expected, abs=1e-4)
    if shape == "transformers_js":
        assert not [*hub.requests("model_q"), *hub.requests("model_fp16")]
        assert "float16" in running["items"]["engine"]["detail"]
    HTTP.delete(f"{plane.url}/api/v1/deployments/{running['name']}")


def test_model_with_both_formats_uses_torch_unless_onnx_runtime_is_requested(
    plane: Plane, hub: FakeHub
) -> None:
    engine = {"hardware": {"engine": "onnxruntime"}}
    usual = {item["code"]: item for item in plane.preflight("acme/both")["items"]}
    assert usual["engine"]["detail"] == "PyTorch"
    read = len(hub.requests(".safetensors"))
    running = deployed(plane, "both", **engine)
    assert len(hub.requests(".safetensors")) == read
    assert running["receipt"]["engine"] == "onnxruntime"
    assert len(HTTP.post(running["endpoint"], json={"inputs": TEXT}).json()[0]) == 32
    HTTP.delete(f"{plane.url}/api/v1/deployments/{running['name']}")
    # The cache has this commit, but without the files for torch.
    found = plane.preflight("acme/both", revision=running["model"]["commit"])
    again = {item["code"]: item for item in found["items"]}
    assert again["engine"]["detail"] == "PyTorch"


@pytest.mark.parametrize(
    ("shape", "hardware"),
    [
        ("classifier", {"engine": "torch"}),
        ("classifier", {"dtype": "float16"}),
        ("classifier", {"device": "cuda"}),
    ],
)
def test_option_that_the_model_does_not_have_is_rejected(
    shape: str, hardware: dict[str, str], plane: Plane
) -> None:
    found = blocked(plane.preflight(f"acme/{shape}", hardware=hardware))
    assert {item["problem_code"] for item in found} == {"unsupported-option"}


def test_other_precision_is_chosen_by_dtype(plane: Plane) -> None:
    found = plane.preflight("acme/transformers_js", hardware={"dtype": "float16"})
    items = {item["code"]: item for item in found["items"]}
    assert "onnx/model_fp16.onnx, in float16" in items["engine"]["detail"]


@pytest.mark.parametrize("shape", REJECTED)
def test_model_that_cannot_be_served_is_rejected_before_its_download(
    shape: str, plane: Plane
) -> None:
    [item] = blocked(plane.preflight(f"acme/{shape}"))
    assert (item["problem_code"], bool(item["remedy"])) == (REJECTED[shape], True)
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    failed = plane.wait(name, "running", "failed")
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", REJECTED[shape])
    if shape == "parts":
        assert "acme/source" in item["remedy"]
        assert "decoder_model_merged" in item["detail"]


def test_local_folder_is_listed_and_served(plane: Plane) -> None:
    found = HTTP.get(f"{plane.url}/api/v1/models", params={"source": "local"}).json()
    cards = {card["id"]: card for card in found["items"]}
    assert cards["images"]["kind"] is None
    assert cards["parts"]["kind"] == "ONNX model"
    plane.deploy("images", name="images", source="local", task="image-classification")
    running = plane.wait("images", "running", "failed")
    assert (running["state"], running["receipt"]["engine"]) == ("running", "onnxruntime")
    assert importlib.util.find_spec("onnxruntime") is None
