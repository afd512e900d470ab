"""Preflight and deployment of repositories in the layouts of sentence-transformers agree."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.causal_rankers import QUERY
from tests.fakes.causal_rankers import TEXTS as CANDIDATES
from tests.fakes.control_plane import HTTP, Plane, running_plane
from tests.fakes.hub import FakeHub
from tests.fakes.multi_vectors import DIMENSIONS
from tests.fakes.multi_vectors import TEXTS as DOCUMENTS
from tests.fakes.sentence_models import REJECTED, SHAPES, TEXTS

ROOT = Path(__file__).resolve().parents[2]
# Those with files in other places than a model of transformers; the others differ in settings only.
DEPLOYED = (
    "subfolder_pickle", "static_folder", "model2vec", "router", "asym", "inference_free", "clip",
)  # fmt: skip
REASONS = {
    "setfit": "'model_head.pkl'", "phrases": "splits texts with the library NLTK",
    "repository_module": "custom_st.Transformer is Python code",
}  # fmt: skip


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the repositories, and the library's embeddings."""
    root = tmp_path_factory.mktemp("sentence")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.sentence_models", str(root)]
    made = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return root, json.loads(made.stdout)


@pytest.fixture(scope="module")
def hub(references: tuple[Path, dict[str, Any]]) -> Iterator[FakeHub]:
    with FakeHub(references[0]) as running:
        yield running


@pytest.fixture(scope="module")
def plane(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with running_plane(tmp_path_factory.mktemp("plane"), HF_ENDPOINT=hub.url) as started:
        yield started


@pytest.mark.parametrize("shape", SHAPES)
def test_every_layout_passes_preflight_as_embedding_model(shape: str, plane: Plane) -> None:
    found = plane.preflight(f"acme/{shape}")
    assert [item for item in found["items"] if item["verdict"] == "block"] == []
    [task] = [item for item in found["items"] if item["code"] == "task"]
    assert task["detail"] == "Embeddings"


@pytest.mark.slow
@pytest.mark.parametrize("shape", DEPLOYED)
def test_model_that_passes_preflight_returns_what_library_does(
    shape: str, plane: Plane, hub: FakeHub, references: tuple[Path, dict[str, Any]]
) -> None:
    name = shape.replace("_", "-")
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    running = plane.wait(name, "running", "failed")
    assert running["state"] == "running", running["problem"]
    body = {"inputs": list(TEXTS), "input_type": "query"}
    response = HTTP.post(running["endpoint"], json=body)
    assert response.status_code == 200, response.text
    wanted = np.array(references[1][shape]["query"])
    assert np.array(response.json()) == pytest.approx(wanted, abs=1e-4)
    assert not hub.requests(".py")
    HTTP.delete(f"{plane.url}/api/v1/deployments/{name}")


@pytest.mark.slow
def test_word_vectors_are_converted_and_answer_on_every_route(
    plane: Plane, references: tuple[Path, dict[str, Any]]
) -> None:
    plane.deploy("acme/glove", name="glove", source="hub")
    running = plane.wait("glove", "running", "failed")
    assert running["state"] == "running", running["problem"]
    wanted, url = np.array(references[1]["glove"][""]), running["url"]
    unknown = "zanzibar!"
    found = HTTP.post(running["endpoint"], json={"inputs": [*TEXTS, unknown]}).json()
    assert np.array(found[:-1]) == pytest.approx(wanted, abs=1e-5)
    assert found[-1] == [0.0] * wanted.shape[1]
    cut = {"inputs": TEXTS[0], "parameters": {"dimensions": 5}}
    [short] = HTTP.post(running["endpoint"], json=cut).json()
    assert np.array(short) == pytest.approx(wanted[0][:5], abs=1e-5)
    openai = {"model": "any", "input": [TEXTS[1], unknown]}
    rows = HTTP.post(f"{url}/v1/embeddings", json=openai).json()["data"]
    assert np.array(rows[0]["embedding"]) == pytest.approx(wanted[1], abs=1e-5)
    every = HTTP.post(f"{url}/embed_all", json={"inputs": [TEXTS[1], unknown]}).json()
    assert np.mean(every[0], axis=0) == pytest.approx(wanted[1], abs=1e-5)
    assert every[1] == []
    tokens = HTTP.post(f"{url}/tokenize", json={"inputs": TEXTS[1]}).json()
    assert [one["text"] for one in tokens[0]] == ["film", "was", "boring"]
    model = HTTP.get(f"{url}/info").json()["model"]
    assert (model["dimensions"], model["max_input_tokens"]) == (wanted.shape[1], None)
    HTTP.delete(f"{plane.url}/api/v1/deployments/glove")


def test_causal_cross_encoder_ranks_texts_as_the_library_does(
    plane: Plane, hub: FakeHub, tmp_path: Path
) -> None:
    folder = tmp_path / "ranker"
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.causal_rankers", str(folder)]
    scores = json.loads(subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    hub.add("acme/ranker", folder)
    plane.deploy("acme/ranker", name="ranker", source="hub")
    url = plane.wait("ranker", "running")["url"]
    answer = HTTP.post(f"{url}/rerank", json={"query": QUERY, "texts": CANDIDATES}).json()
    found = {one["index"]: one["score"] for one in answer}
    assert [found[i] for i in range(len(scores))] == pytest.approx(scores, abs=1e-4)


@pytest.mark.long  # test_preflight_colbert.py is about another layout of the same
@pytest.mark.parametrize("kind", ["colbert", "pylate"])
def test_multi_vector_encoder_has_the_scores_of_the_library(
    kind: str, plane: Plane, hub: FakeHub, tmp_path: Path
) -> None:
    folder = tmp_path / kind
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.multi_vectors", kind, str(folder)]
    scores = json.loads(subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    hub.add(f"acme/{kind}", folder)
    [task] = [one for one in plane.preflight(f"acme/{kind}")["items"] if one["code"] == "task"]
    assert task["detail"] == "Embeddings"
    plane.deploy(f"acme/{kind}", name=kind, source="hub", task="text-ranking")
    url = plane.wait(kind, "running")["url"]
    body = {"query": QUERY, "texts": DOCUMENTS, "raw_scores": True}
    found = {one["index"]: one["score"] for one in HTTP.post(f"{url}/rerank", json=body).json()}
    assert [found[i] for i in range(len(scores))] == pytest.approx(scores, abs=1e-3)
    HTTP.delete(f"{plane.url}/api/v1/deployments/{kind}")
    plane.deploy(f"acme/{kind}", name=f"{kind}-tokens", source="hub")
    url = plane.wait(f"{kind}-tokens", "running")["url"]
    body = {"inputs": DOCUMENTS, "input_type": "document"}
    made = HTTP.post(f"{url}/predict", json=body).json()
    assert [len(made), len(made[0][0])] == [len(DOCUMENTS), DIMENSIONS]
    every = HTTP.post(f"{url}/embed_all", json={"inputs": DOCUMENTS}).json()
    assert [len(every), len(every[0][0])] == [len(DOCUMENTS), DIMENSIONS]
    compared = {"source_sentence": QUERY, "sentences": DOCUMENTS}
    for path, body in {
        "/v1/embeddings": {"model": "any", "input": "film"}, "/embed": {"inputs": "film"},
        "/similarity": {"inputs": compared},
    }.items():  # fmt: skip
        refused = HTTP.post(url + path, json=body)
        assert (refused.status_code, "/embed_all" in refused.text) == (422, True), refused.text
    HTTP.delete(f"{plane.url}/api/v1/deployments/{kind}-tokens")


@pytest.mark.parametrize("shape", REJECTED)
def test_model_that_preflight_rejects_fails_before_its_weights(
    shape: str, plane: Plane, hub: FakeHub
) -> None:
    found = plane.preflight(f"acme/{shape}")
    [blocked] = [item for item in found["items"] if item["verdict"] == "block"]
    assert REASONS[shape] in blocked["detail"]
    assert (blocked["problem_code"], bool(blocked["remedy"])) == ("model-not-supported", True)
    name = f"no-{shape.replace('_', '-')}"
    plane.deploy(f"acme/{shape}", name=name, source="hub")
    failed = plane.wait(name, "running", "failed")
    assert (failed["state"], failed["problem"]["step"]) == ("failed", "validate")
    assert failed["problem"]["detail"] == blocked["detail"]


def test_setfit_model_can_be_deployed_for_its_embeddings(plane: Plane) -> None:
    found = plane.preflight("acme/setfit", task="feature-extraction")
    assert [item for item in found["items"] if item["verdict"] == "block"] == []
    assert "feature-extraction" in str(plane.preflight("acme/setfit")["items"])
