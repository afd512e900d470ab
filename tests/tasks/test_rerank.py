"""Rerank requests of other APIs; each returns the scores of the text-ranking task."""

from typing import Any

import httpx
import pytest

TASK = "text-ranking"
QUERY = "wonderful museum"
TEXTS = ["the film was boring", "maria found a museum in kyoto wonderful", "day"]


@pytest.fixture
def url(urls: dict[str, str]) -> str:
    return urls[TASK]


def post(url: str, path: str = "/v1/rerank", **body: Any) -> httpx.Response:
    return httpx.post(url + path, json={"query": QUERY, **body}, timeout=60)


def predicted(url: str, function: str) -> list[dict[str, Any]]:
    parameters = {"function_to_apply": function}
    body = {"inputs": {"query": QUERY, "texts": TEXTS}, "parameters": parameters}
    return httpx.post(url + "/predict", json=body, timeout=60).json()


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank", "/predict/v1/rerank"])
def test_documents_return_results_sorted_by_score(path: str, url: str) -> None:
    response = post(url, path, documents=TEXTS, model="any").json()
    assert response["model"] == "tiny/text-ranking"
    assert response["usage"]["total_tokens"] > len(TEXTS)
    expected = predicted(url, "sigmoid")
    assert response["results"] == [
        {"index": entry["index"], "relevance_score": entry["score"]} for entry in expected
    ]


def test_documents_can_be_objects_and_are_returned(url: str) -> None:
    documents = [{"text": text} for text in TEXTS]
    results = post(url, documents=documents, return_documents=True, top_n=2).json()["results"]
    assert len(results) == 2
    assert all(one["document"] == documents[one["index"]] for one in results)


def test_texts_return_list_of_scores(url: str) -> None:
    assert post(url, "/rerank", texts=TEXTS).json() == predicted(url, "sigmoid")
    assert post(url, "/rerank", texts=TEXTS, raw_scores=True).json() == predicted(url, "none")
    [best, *_] = post(url, "/rerank", texts=TEXTS, return_text=True).json()
    assert best["text"] == TEXTS[best["index"]]


def test_documents_are_truncated_and_texts_only_on_request(url: str) -> None:
    long = ["film " * 200]
    assert post(url, documents=long).status_code == 200
    assert post(url, texts=long, truncate=True).status_code == 200
    refused = post(url, texts=long)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "input-too-long")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"documents": TEXTS, "texts": TEXTS},
        {"documents": []},
        {"documents": [""]},
        {"documents": [{"title": "a"}]},
        {"documents": TEXTS, "top_n": 0},
        {"documents": "text"},
        {"documents": TEXTS, "query": ""},
    ],
)
def test_bad_request_is_rejected(body: dict[str, Any], url: str) -> None:
    refused = post(url, **body)
    assert refused.status_code == 422
    assert set(refused.json()["error"]) == {"message", "type", "param", "code"}
    assert isinstance(post(url, "/rerank", **body).json()["error"], str)


def test_unknown_fields_are_listed_in_warning_header(url: str) -> None:
    assert "max_chunks" in post(url, documents=TEXTS, max_chunks=1).headers["warning"]
