"""Sparse embeddings, queries and lower precision over HTTP, as other programs request them."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.fakes import launch, model_servers
from tests.fakes.sentence_models import OWNER, TEXTS

SERVED = ("splade", "inference_free", "router", "mean")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("sparse")
    build = [sys.executable, "-W", "ignore", "-m", "tests.fakes.sentence_models", str(root)]
    made = subprocess.run([*build, *SERVED], cwd=launch.ROOT, check=True, stdout=subprocess.PIPE)
    return root / OWNER, json.loads(made.stdout)


@pytest.fixture(scope="module")
def servers(
    expected: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    specs = {name: launch.spec("feature-extraction", expected[0] / name) for name in SERVED}
    with model_servers.all_serving(specs, tmp_path_factory.mktemp("run")) as found:
        yield found


def post(url: str, path: str, **body: Any) -> httpx.Response:
    return httpx.post(url + path, json=body, timeout=60)


def full(found: list[list[dict[str, Any]]], width: int) -> np.ndarray:
    rows = np.zeros((len(found), width))
    for row, values in zip(rows, found, strict=True):
        assert all(value["value"] != 0 for value in values)
        row[[value["index"] for value in values]] = [value["value"] for value in values]
    return rows


@pytest.mark.parametrize("path", ["/embed_sparse", "/predict/embed_sparse"])
def test_dimensions_that_are_not_zero_are_returned(
    path: str, servers: dict[str, str], expected: tuple[Path, dict[str, Any]]
) -> None:
    wanted = np.array(expected[1]["splade"][""])
    found = post(servers["splade"], path, inputs=list(TEXTS))
    assert found.status_code == 200, found.text
    assert full(found.json(), wanted.shape[1]) == pytest.approx(wanted, abs=1e-5)
    [alone] = post(servers["splade"], path, inputs=TEXTS[0]).json()
    assert full([alone], wanted.shape[1])[0] == pytest.approx(wanted[0], abs=1e-5)
    predicted = post(servers["splade"], "/predict", inputs=list(TEXTS)).json()
    assert np.array(predicted) == pytest.approx(wanted, abs=1e-5)


def test_query_and_document_of_sparse_encoder_differ(
    servers: dict[str, str], expected: tuple[Path, dict[str, Any]]
) -> None:
    for more, task in (
        ({"input_type": "query"}, "query"), ({"prompt_name": "query"}, "query"),
        ({"input_type": "document"}, "document"), ({}, "document"),
    ):  # fmt: skip
        wanted = np.array(expected[1]["inference_free"][task])
        found = post(servers["inference_free"], "/embed_sparse", inputs=list(TEXTS), **more).json()
        assert full(found, wanted.shape[1]) == pytest.approx(wanted, abs=1e-5)


def test_long_text_is_truncated_unless_forbidden(servers: dict[str, str]) -> None:
    long = f"{'film ' * 200}museum"
    refused = post(servers["splade"], "/embed_sparse", inputs=long, truncate=False)
    assert refused.status_code == 422
    assert "this model takes at most" in refused.text
    right = post(servers["splade"], "/embed_sparse", inputs=long)
    left = post(servers["splade"], "/embed_sparse", inputs=long, truncation_direction="Left")
    assert (right.status_code, left.status_code) == (200, 200)
    assert right.json() != left.json()


def test_tei_clients_learn_the_pooling_and_get_no_token_embeddings(servers: dict[str, str]) -> None:
    info = httpx.get(servers["splade"] + "/info", timeout=60).json()
    assert info["model_type"] == {"embedding": {"pooling": "splade"}}
    refused = post(servers["splade"], "/embed_all", inputs="film")
    assert (refused.status_code, "no embeddings of tokens" in refused.text) == (422, True)
    every = post(servers["mean"], "/embed_all", inputs="film")
    tokens = post(servers["mean"], "/tokenize", inputs="film")
    assert len(every.json()[0]) == len(tokens.json()[0])


def test_dense_model_names_the_other_route(servers: dict[str, str]) -> None:
    refused = post(servers["mean"], "/embed_sparse", inputs="film")
    assert refused.status_code == 422
    assert "dense embeddings" in refused.text


def test_openai_route_selects_query_and_precision(
    servers: dict[str, str], expected: tuple[Path, dict[str, Any]]
) -> None:
    wanted = np.array(expected[1]["router"]["query"])

    def embed(**more: Any) -> np.ndarray:
        found = post(servers["router"], "/v1/embeddings", input=list(TEXTS), **more).json()
        return np.array([one["embedding"] for one in found["data"]])

    assert embed(input_type="query") == pytest.approx(wanted, abs=1e-5)
    packed = embed(input_type="query", embedding_type="ubinary")
    assert packed.tolist() == np.packbits(wanted > 0, axis=-1).tolist()
    body = {"input": TEXTS[0], "encoding_format": "base64", "input_type": "query"}
    found = post(servers["router"], "/v1/embeddings", **body, embedding_type="int8").json()
    raw = np.frombuffer(base64.b64decode(found["data"][0]["embedding"]), np.int8)
    steps = np.clip(np.floor((wanted[0] + 1) / (2 / 255)), 0, 255) - 128
    assert np.abs(raw - steps).max() <= 1
    refused = post(servers["router"], "/v1/embeddings", input="film", input_type="film")
    assert refused.json()["error"]["message"].startswith(
        "input_type is not one of this model's: document, query."
    )
