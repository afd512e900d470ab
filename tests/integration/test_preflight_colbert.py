"""Preflight and deployment of checkpoints of Stanford's ColBERT library."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.colbert_checkpoints import as_pickle, changed, without_projection
from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.multi_vectors import QUERY, TEXTS

ROOT = Path(__file__).resolve().parents[2]
OTHER_CODE = {"AutoModel": "acme/backbone--modeling_own.OwnModel"}
OWN_CODE = {"AutoModel": "modeling_own.OwnModel"}
# The file to change, and the code and the reason of the rejection.
REJECTED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "own_code": ("config.json", {"auto_map": OWN_CODE}, "remote-code", "Python code"),
    "other_code": ("config.json", {"auto_map": OTHER_CODE}, "model-not-supported", "acme/backbone"),
    "images": ("config.json", {"model_type": "vit"}, "model-not-supported", "'vit', which encodes"),
    "length": ("artifact.metadata", {"doc_maxlen": "long"}, "corrupt-model", "doc_maxlen"),
    "marker": ("artifact.metadata", {"query_token_id": 1}, "corrupt-model", "query_token_id"),
}  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """The folder of a checkpoint, and the scores of the library."""
    folder = tmp_path_factory.mktemp("colbert") / "stanford"
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.multi_vectors", "stanford"]
    made = subprocess.run([*build, str(folder)], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return folder, json.loads(made.stdout)


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeHub]:
    with FakeHub() as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running_plane(tmp_path_factory.mktemp("plane"), HF_ENDPOINT=hub.url) as started:
        yield started


def test_checkpoint_in_a_pickle_file_has_the_scores_of_the_library(
    plane: Plane, hub: FakeHub, checkpoint: tuple[Path, list[float]], tmp_path: Path
) -> None:
    folder = shutil.copytree(checkpoint[0], tmp_path / "stanford")
    as_pickle(folder)
    hub.add("acme/stanford", folder)
    items = {one["code"]: one for one in plane.preflight("acme/stanford")["items"]}
    assert [one for one in items.values() if one["verdict"] == "block"] == []
    assert items["task"]["detail"] == "Embeddings"
    plane.deploy("acme/stanford", name="stanford", source="hub", task="text-ranking")
    url = plane.wait("stanford", "running")["url"]
    body = {"query": QUERY, "texts": TEXTS, "raw_scores": True}
    found = {one["index"]: one["score"] for one in HTTP.post(f"{url}/rerank", json=body).json()}
    assert [found[i] for i in range(len(TEXTS))] == pytest.approx(checkpoint[1], abs=1e-3)


@pytest.mark.parametrize("name", REJECTED)
def test_checkpoint_that_cannot_run_is_rejected_with_the_reason(
    name: str, plane: Plane, hub: FakeHub, checkpoint: tuple[Path, list[float]], tmp_path: Path
) -> None:
    file, fields, code, reason = REJECTED[name]
    folder = shutil.copytree(checkpoint[0], tmp_path / "stanford")
    changed(folder, file, **fields)
    hub.add(f"acme/{name}", folder)
    _check_rejected(plane, f"acme/{name}", code, reason)


def test_checkpoint_without_projection_is_rejected(
    plane: Plane, hub: FakeHub, checkpoint: tuple[Path, list[float]], tmp_path: Path
) -> None:
    folder = shutil.copytree(checkpoint[0], tmp_path / "stanford")
    without_projection(folder)
    hub.add("acme/bare", folder)
    _check_rejected(plane, "acme/bare", "model-not-supported", "'linear.weight'")


def _check_rejected(plane: Plane, model_id: str, code: str, reason: str) -> None:
    found = plane.preflight(model_id)
    blocked = next(one for one in found["items"] if one["verdict"] == "block")
    assert (blocked["problem_code"], bool(blocked["remedy"])) == (code, True)
    assert reason in blocked["detail"]
