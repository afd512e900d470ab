"""A remedy names only what a request to that very route may have."""

import re
from typing import Any

import httpx
import pytest

from tests.fakes import model_servers

LONG = "wonderful museum " * 3000
# A request with a text that is too long, by task and path.
ROUTES: dict[tuple[str, str], dict[str, Any]] = {
    ("text-classification", "/predict"): {"inputs": LONG},
    ("token-classification", "/predict"): {"inputs": LONG},
    ("fill-mask", "/predict"): {"inputs": f"{LONG} [MASK]"},
    ("feature-extraction", "/predict"): {"inputs": LONG},
    ("feature-extraction", "/v1/embeddings"): {"input": LONG},
    ("sentence-similarity", "/predict"): {
        "inputs": {"source_sentence": LONG, "sentences": ["a museum"]}
    },
    ("text-ranking", "/v1/rerank"): {"query": "museum", "texts": [LONG]},
    ("text-generation", "/predict"): {"inputs": LONG},
    ("text-generation", "/v1/completions"): {"prompt": LONG},
    ("text-generation", "/v1/chat/completions"): {"messages": [{"role": "user", "content": LONG}]},
    ("summarization", "/predict"): {"inputs": LONG},
    ("zero-shot-classification", "/predict"): {
        "inputs": LONG, "parameters": {"candidate_labels": ["museum", "film"]},
    },
}  # fmt: skip


def text_of(response: httpx.Response) -> str:
    body = response.json()
    return body["error"]["message"] if isinstance(body["error"], dict) else body["remedy"]


@pytest.mark.parametrize("route", ROUTES, ids="".join)
def test_long_text_remedy_names_parameter_of_route(
    route: tuple[str, str], urls: dict[str, str]
) -> None:
    task, path = route
    response = httpx.post(urls[task] + path, json=ROUTES[route], timeout=60)
    assert response.status_code == 422, response.text
    schema = httpx.get(f"{urls[task]}/openapi.json").text
    request = re.search(r"or set (?:parameters\.)?(\w+) to", text_of(response))
    if request is not None:
        assert f'"{request[1]}"' in schema
    assert "where the task has it" not in response.text


@pytest.mark.parametrize(
    ("route", "change"),
    [
        (("text-classification", "/predict"), {"parameters": {"truncation": True}}),
        (("feature-extraction", "/predict"), {"truncate": True}),
        (("feature-extraction", "/v1/embeddings"), {"truncate_prompt_tokens": -1}),
        (("text-ranking", "/v1/rerank"), {"truncate": True}),
        (("text-generation", "/predict"), {"parameters": {"truncate": 16, "max_new_tokens": 4}}),
    ],
)
def test_applying_remedy_succeeds(
    route: tuple[str, str], change: dict[str, Any], urls: dict[str, str]
) -> None:
    task, path = route
    response = httpx.post(urls[task] + path, json=ROUTES[route] | change, timeout=60)
    assert response.status_code == 200, response.text


def test_embeddings_are_truncated_to_token_count(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    url = urls["feature-extraction"] + "/v1/embeddings"

    def embed(text: str, **more: Any) -> httpx.Response:
        return httpx.post(url, json={"input": text, **more}, timeout=60)

    cut = embed(LONG, truncate_prompt_tokens=6).json()
    assert cut["usage"]["prompt_tokens"] == 6
    short = embed("wonderful museum", truncate_prompt_tokens=500).json()
    assert short["data"] == embed("wonderful museum").json()["data"]
    for wrong in (0, -2, 1.5):
        refused = embed(LONG, truncate_prompt_tokens=wrong)
        assert refused.status_code == 422
        assert "truncate_prompt_tokens" in refused.text
