"""What preflight says of a repository is what a deployment then does, for many file layouts.

The tokenizers are trained and some models quantized here, with the libraries of extras that they
require; these come from the package registry, as for a user.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ROOT / "requirements" / "extras"
LOCKS = [
    EXTRAS / f"{name}.txt"
    for name in ("sentencepiece", "sacremoses", "accelerate", "bitsandbytes", "torchao")
]
SERVED = (
    "deberta_spm", "albert_spm", "xlm_roberta_spm", "nllb_spm", "marian_spm", "t5_spm", "llama_spm",
    "mistral_tekken", "bert_old_config",
    "biogpt", "phi3_automap", "roberta_bpe", "bert_wordpiece", "nllb_pickle", "t5_pickle_shards",
    "roberta_legacy_pickle", "bert_fp16_variant", "bert_fp16_pickle",
    "gptq_symmetric", "gptq_act_order", "gptq_8_bits_v2", "gptq_older_file", "awq", "auto_round",
    "mxfp4", "fp8", "compressed_fp8", "compressed_int4", "bnb_4_bits", "bnb_8_bits", "torchao_int8",
)  # fmt: skip
# Variants of what others here also cover; their weights are loaded in test_quantized_loading, too.
LONG = {
    "albert_spm", "xlm_roberta_spm", "roberta_bpe", "bert_fp16_variant", "gptq_symmetric",
    "gptq_8_bits_v2", "gptq_older_file", "auto_round", "compressed_fp8", "bnb_8_bits",
    "nllb_pickle", "nllb_spm", "biogpt", "deberta_spm", "torchao_int8", "compressed_int4",
    "marian_spm", "t5_pickle_shards",
}  # fmt: skip
REJECTED = {
    "no_tokenizer": "missing-files", "no_image_processor": "missing-files",
    "own_code": "remote-code", "unknown_type": "model-not-supported", "gptq": "model-not-supported",
    "bert_japanese": "model-not-supported", "gguf": "model-not-supported",
    "peft_no_weights": "unsupported-format",
    "onnx": "corrupt-model", "diffusers": "unsupported-format",
    "unsafe_pickle": "unsafe-format", "aqlm": "model-not-supported", "eetq": "model-not-supported",
    "of_next_year": "model-not-supported", "gptq_3_bits": "model-not-supported",
    "awq_gemv": "model-not-supported", "fp8_uneven": "model-not-supported",
}  # fmt: skip


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the repositories, and requests with the outputs of transformers itself."""
    root = tmp_path_factory.mktemp("shapes")
    extra = tmp_path_factory.mktemp("extra")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(extra)]
    locks = [part for lock in LOCKS for part in ("-r", str(lock))]
    subprocess.run([*pip, *locks], check=True)
    made = subprocess.run(
        [sys.executable, "-m", "tests.fakes.shapes", str(root)], cwd=ROOT, check=True,
        env={**os.environ, "PYTHONPATH": str(extra)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    return root, json.loads(made.stdout)


@pytest.fixture(scope="module")
def hub(references: tuple[Path, dict[str, Any]]) -> Iterator[FakeHub]:
    with FakeHub(references[0]) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("plane")
    with running_plane(folder, HF_ENDPOINT=hub.url) as started:
        yield started


def test_every_shape_is_listed_here(references: tuple[Path, dict[str, Any]]) -> None:
    assert set(references[1]) == {*SERVED, *REJECTED}


@pytest.mark.parametrize(
    "shape",
    [pytest.param(one, marks=pytest.mark.long) if one in LONG else one for one in SERVED],
)
def test_model_that_passes_preflight_returns_what_transformers_does(
    shape: str, plane: Plane, hub: FakeHub, references: tuple[Path, dict[str, Any]]
) -> None:
    items = {item["code"]: item for item in plane.preflight(f"acme/{shape}")["items"]}
    assert [code for code, item in items.items() if item["verdict"] == "block"] == []
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    reference = references[1][shape]
    response = HTTP.post(running["endpoint"], json=reference["body"])
    assert response.status_code == 200, response.text
    if "label" in json.dumps(reference["output"]):
        [[*found]], [[*wanted]] = response.json(), reference["output"]
        assert [one["label"] for one in found] == [one["label"] for one in wanted]
        scores = [one["score"] for one in wanted]
        assert [one["score"] for one in found] == pytest.approx(scores, abs=1e-4)
    else:
        assert response.json() == reference["output"]
    assert not hub.requests(".py")
    if shape == "phi3_automap":
        assert "not used" in items["code"]["detail"]
    HTTP.delete(f"{plane.url}/api/v1/deployments/{name}")


@pytest.mark.parametrize("shape", REJECTED)
def test_model_that_preflight_rejects_fails_before_its_weights(
    shape: str, plane: Plane, hub: FakeHub
) -> None:
    found = plane.preflight(f"acme/{shape}")
    assert found["verdict"] == "block"
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == (REJECTED[shape], True)
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    failed = plane.wait(name, "running", "failed")
    assert failed["state"] == "failed"
    assert (failed["problem"]["step"], failed["problem"]["code"]) == ("validate", REJECTED[shape])
    assert failed["problem"]["detail"] == blocked["detail"]


def test_quantized_weights_are_explained_before_the_download(plane: Plane) -> None:
    def item(model_id: str, code: str) -> dict[str, Any]:
        return {item["code"]: item for item in plane.preflight(model_id)["items"]}[code]

    assert "GPTQ, 4 bits" in item("acme/gptq_symmetric", "format")["detail"]
    assert "converted to full precision" in item("acme/gptq_symmetric", "format")["detail"]
    assert "stay quantized" in item("acme/bnb_4_bits", "format")["detail"]
    assert "bitsandbytes" in item("acme/bnb_4_bits", "libraries")["detail"]
    rejected = item("acme/eetq", "task")
    assert "requires a GPU and accelerate and kernels" in rejected["detail"]
    assert "acme/whole" in rejected["remedy"]
