"""Tasks on ONNX Runtime: results equal to those of the torch models that the files came from.

Both come from the package registry, as for a user: ONNX Runtime by the lock of its extra.
"""

import base64
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.domain.server import ServerSpec
from backend.errors.inference import InputTooLong
from backend.errors.model import CorruptModel, ModelNotSupported
from backend.errors.server import LoadFailed
from backend.hub.onnx_files import select_onnx
from backend.inference import loading
from backend.tasks import TASKS
from tests.fakes.launch import ROOT, spec
from tests.fakes.onnx_models import EXPORTS

LOCK = ROOT / "requirements" / "extras" / "onnxruntime.txt"
# The others are only other files of the same model.
COMPARED = sorted(set(EXPORTS) - {"transformers_js", "both"})


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("onnx")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.onnx_models", str(root)]
    subprocess.run(build, cwd=ROOT, check=True)
    return root


@pytest.fixture(scope="module", autouse=True)
def onnxruntime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The library of the extra."""
    folder = tmp_path_factory.mktemp("extra")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    subprocess.run([*pip, "-r", str(LOCK)], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield pytest.importorskip("onnxruntime")


def onnx_spec(folder: Path, task: str) -> ServerSpec:
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*.onnx")]
    chosen = select_onnx(paths)
    assert chosen is not None
    return spec(task, folder, engine="onnxruntime", onnx_file=chosen.path)


def results(made: ServerSpec, count: int = 3) -> list[Any]:
    """What the adapter returns for a batch of samples, with everything that it can return."""
    adapter = loading.load(made)
    task = TASKS[made.task]
    samples = [task.sample(seed) for seed in range(count)]
    bodies: list[Any] = [s.shown if task.input == "json" else {"inputs": s.body} for s in samples]
    wanted = {"top_k": 100} if "top_k" in task.parameters.model_fields else {}
    if "threshold" in task.parameters.model_fields:
        wanted = {"threshold": 0.0}
    given = [task.parameters.model_validate(body.get("parameters", {}) | wanted) for body in bodies]
    encoded = [adapter.encode(b["inputs"], p) for b, p in zip(bodies, given, strict=True)]
    same = [one for one in encoded if one.key == encoded[0].key][: adapter.max_group]
    raw = adapter.forward(same)
    return [
        adapter.decode(one, prepared, parameters)
        for one, prepared, parameters in zip(raw, same, given, strict=False)
    ]


def numbers(found: Any) -> list[float]:
    """All numbers, in a fixed order; images by their pixels, 0 to 1, texts by their letters."""
    if isinstance(found, str) and found.startswith("iVBOR"):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(found))), dtype=np.float64)
        return (pixels / max(pixels.max(), 1)).ravel().tolist()
    if isinstance(found, dict):
        return [n for name in sorted(found) for n in numbers(found[name])]
    if isinstance(found, (list, tuple)):
        return [n for one in found for n in numbers(one)]
    if isinstance(found, str):
        return [float(ord(letter)) for letter in found]
    return np.asarray(found, dtype=np.float64).ravel().tolist()


@pytest.mark.parametrize("name", COMPARED)
def test_results_equal_those_of_the_torch_model(name: str, repositories: Path) -> None:
    task = EXPORTS[name].task
    expected = results(spec(task, repositories / "torch" / name))
    found = results(onnx_spec(repositories / "acme" / name, task))
    assert len(found) == len(expected)
    tolerance = {"quantized": 0.05, "half": 0.01}.get(name, 1e-4)
    assert numbers(found) == pytest.approx(numbers(expected), abs=tolerance)


def test_logits_equal_those_of_onnx_runtime_called_directly(
    repositories: Path, onnxruntime: Any
) -> None:
    folder = repositories / "acme" / "classifier"
    adapter = loading.load(onnx_spec(folder, "text-classification"))
    texts = ["a wonderful film", "the worst day of my life"]
    parameters = TASKS["text-classification"].parameters()
    prepared = [adapter.encode(text, parameters) for text in texts]
    found = adapter.forward(prepared)
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    for text, one in zip(prepared, found, strict=True):
        ids = np.array([text.rows[0].ids])
        feeds = {
            "input_ids": ids, "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }  # fmt: skip
        [[logits]] = session.run(["logits"], feeds)
        np.testing.assert_allclose(one, logits, atol=1e-5)


def test_text_is_limited_to_the_positions_of_the_architecture(repositories: Path) -> None:
    adapter = loading.load(onnx_spec(repositories / "acme" / "other_names", "text-classification"))
    assert adapter.facts()["max_input_tokens"] == 65
    parameters = TASKS["text-classification"].parameters()
    with pytest.raises(InputTooLong):
        adapter.encode("film " * 80, parameters)


def test_task_without_its_outputs_is_rejected(repositories: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(repositories / "acme" / "embeddings", tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["BertForQuestionAnswering"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelNotSupported, match="start_logits, end_logits"):
        loading.load(onnx_spec(folder, "question-answering"))


@pytest.mark.parametrize(("content", "error"), [(b"\x08\x08", LoadFailed), (b"no", CorruptModel)])
def test_damaged_file_has_an_error(
    content: bytes, error: type[Exception], repositories: Path, tmp_path: Path
) -> None:
    source = repositories / "acme" / "classifier"
    for file in source.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(error):
        loading.load(onnx_spec(tmp_path, "text-classification"))
