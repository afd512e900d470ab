"""Routes of Text Embeddings Inference: shapes of its router, numbers of sentence-transformers."""

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from sentence_transformers import SentenceTransformer

TASK = "feature-extraction"
TEXTS = ["maria found the museum in kyoto wonderful on day 7.", "the film was boring"]
LONG = "film " * 200


@pytest.fixture
def url(urls: dict[str, str]) -> str:
    return urls[TASK]


def post(url: str, path: str, **body: Any) -> httpx.Response:
    return httpx.post(url + path, json=body, timeout=60)


def library(models: dict[str, Path]) -> SentenceTransformer:
    return SentenceTransformer(str(models[TASK]), device="cpu", local_files_only=True)


def test_embed_returns_normalized_embeddings(url: str, models: dict[str, Path]) -> None:
    expected = library(models).encode(TEXTS, normalize_embeddings=True)
    assert np.array(post(url, "/embed", inputs=TEXTS).json()) == pytest.approx(expected, abs=1e-5)
    one = post(url, "/embed", inputs=TEXTS[0]).json()
    assert np.array(one) == pytest.approx(expected[:1], abs=1e-5)
    assert post(url, "/predict/embed", inputs=TEXTS[0]).json() == one


def test_embed_keeps_requested_dimensions(url: str) -> None:
    [row] = post(url, "/embed", inputs=TEXTS[0], dimensions=8).json()
    assert len(row) == 8
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)
    refused = post(url, "/embed", inputs=TEXTS[0], dimensions=10_000)
    assert refused.json()["error_type"] == "Validation"
    assert "dimensions" in refused.json()["error"]


def test_long_text_is_truncated_on_either_side_unless_forbidden(url: str) -> None:
    cut = post(url, "/embed", inputs="boring " + LONG).json()
    assert post(url, "/embed", inputs="boring " + LONG, truncate=True).json() == cut
    left = post(url, "/embed", inputs="boring " + LONG, truncation_direction="Left").json()
    assert left != cut
    assert post(url, "/embed", inputs="boring " + LONG, truncation_direction="left").json() == left
    refused = post(url, "/embed", inputs=LONG, truncate=False)
    assert refused.status_code == 422
    assert "set truncate to true" in refused.json()["error"]


def test_embed_all_returns_hidden_state_of_each_token(url: str, models: dict[str, Path]) -> None:
    model = transformers.AutoModel.from_pretrained(models[TASK]).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TASK])
    found = post(url, "/embed_all", inputs=TEXTS).json()
    for text, rows in zip(TEXTS, found, strict=True):
        with torch.inference_mode():
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        assert np.array(rows) == pytest.approx(states.numpy(), abs=1e-5)
    assert len(found[0]) != len(found[1])


def test_similarity_matches_sentence_transformers(
    urls: dict[str, str], models: dict[str, Path]
) -> None:
    inputs = {"source_sentence": TEXTS[0], "sentences": [TEXTS[1], TEXTS[0], "kyoto"]}
    model = library(models)
    expected = model.similarity(
        model.encode([TEXTS[0]]), model.encode(inputs["sentences"])
    )[0].tolist()  # fmt: skip
    found = post(urls[TASK], "/similarity", inputs=inputs).json()
    assert found == pytest.approx(expected, abs=1e-5)
    own = post(urls["sentence-similarity"], "/similarity", inputs=inputs).json()
    predicted = post(urls["sentence-similarity"], "/predict", inputs=inputs).json()
    assert own == predicted
    left = {"truncation_direction": "Left"}
    refused = post(urls["sentence-similarity"], "/similarity", inputs=inputs, parameters=left)
    assert (refused.status_code, refused.json()["error_type"]) == (422, "Validation")


def test_tokens_have_byte_offsets(url: str, models: dict[str, Path]) -> None:
    text = "the film in köln was boring"
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TASK])
    [tokens] = post(url, "/tokenize", inputs=text).json()
    assert [token["id"] for token in tokens] == tokenizer(text)["input_ids"]
    first, *inner, last = tokens
    assert first == {
        "id": tokenizer.cls_token_id, "text": "[CLS]", "special": True, "start": None, "stop": None
    }  # fmt: skip
    assert last["special"]
    packed = text.encode()
    assert all(packed[t["start"] : t["stop"]].decode() == t["text"] for t in inner)
    assert inner[-1]["stop"] == len(packed)
    [bare] = post(url, "/tokenize", inputs=[text], add_special_tokens=False).json()
    assert bare == inner


@pytest.mark.parametrize(
    "task", [TASK, "sentence-similarity", "text-ranking", "text-classification"]
)
def test_decode_returns_text_of_tokens(task: str, urls: dict[str, str]) -> None:
    rows = post(urls[task], "/tokenize", inputs=TEXTS).json()
    ids = [[token["id"] for token in row] for row in rows]
    assert post(urls[task], "/decode", ids=ids[1]).json() == ["the film was boring"]
    assert len(post(urls[task], "/decode", ids=ids).json()) == 2
    [whole] = post(urls[task], "/decode", ids=ids[1], skip_special_tokens=False).json()
    assert whole.startswith("[CLS]")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embed", {}),
        ("/embed", {"inputs": []}),
        ("/embed", {"inputs": ""}),
        ("/embed", {"inputs": [1, 2]}),
        ("/embed", {"inputs": "a", "normalize": "yes"}),
        ("/embed", {"inputs": "a", "prompt_name": "nobody"}),
        ("/embed", {"inputs": "a", "truncation_direction": "up"}),
        ("/embed_all", {"inputs": "a", "dimensions": 3}),
        ("/similarity", {"inputs": {"source_sentence": "a", "sentences": []}}),
        ("/similarity", {"inputs": "a"}),
        ("/tokenize", {"inputs": []}),
        ("/tokenize", {"inputs": "a", "prompt_name": "nobody"}),
        ("/decode", {"ids": []}),
        ("/decode", {"ids": [10**6]}),
        ("/decode", {"ids": [-1]}),
    ],
)
def test_bad_request_returns_error_in_format_of_tei(
    path: str, body: dict[str, Any], url: str
) -> None:
    refused = post(url, path, **body)
    assert refused.status_code in {400, 422}
    assert refused.headers["content-type"] == "application/json"
    assert set(refused.json()) == {"error", "error_type"}
    assert refused.json()["error_type"] == "Validation"


def test_body_that_is_no_json_returns_error_in_format_of_tei(url: str) -> None:
    refused = httpx.post(url + "/embed", content=b"{", headers={"content-type": "application/json"})
    assert (refused.status_code, set(refused.json())) == (400, {"error", "error_type"})


def test_info_has_fields_of_tei(urls: dict[str, str]) -> None:
    info = httpx.get(urls[TASK] + "/info").json()
    assert info["model_type"]["embedding"]["pooling"]
    assert info["max_input_length"] > 0
    assert (info["max_client_batch_size"], info["auto_truncate"]) == (1000, True)
    labels = httpx.get(urls["text-classification"] + "/info").json()["model_type"]["classifier"]
    assert {v: int(k) for k, v in labels["id2label"].items()} == labels["label2id"]
    assert "auto_truncate" not in httpx.get(urls["text-generation"] + "/info").json()


def test_other_tasks_name_those_that_have_the_route(urls: dict[str, str]) -> None:
    missing = post(urls["fill-mask"], "/embed", inputs="a")
    assert missing.status_code == 404
    assert "feature-extraction" in missing.json()["error"]


def test_openapi_documents_each_route_with_example_that_works(url: str) -> None:
    document = httpx.get(url + "/openapi.json").json()
    for path in ("/embed", "/embed_all", "/similarity", "/tokenize", "/decode"):
        operation = document["paths"][path]["post"]
        example = operation["requestBody"]["content"]["application/json"]["example"]
        assert post(url, path, **example).status_code == 200, json.dumps(example)
        [schema] = {
            value["content"]["application/json"]["schema"]["$ref"]
            for status, value in operation["responses"].items()
            if status != "200"
        }
        assert schema == "#/components/schemas/ErrorResponse"
