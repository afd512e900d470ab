"""OpenAI's API on real model servers: chat, completions, embeddings, and how they refuse."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.fakes import launch, model_servers, tiny_models

PROMPT = "Once upon"
HELLO = [{"role": "user", "content": "hi"}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": HELLO, "max_tokens": 4},
    "/v1/completions": {"prompt": "Once", "max_tokens": 4},
    "/v1/embeddings": {"input": "the film"},
}


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("openai")
    builders = {
        "generation": ("text-generation", tiny_models.text_generation),
        "plain": ("text-generation", without_template),
        "failing": ("text-generation", lambda where: tiny_models.failing_midway(where, PROMPT)),
        "embedding": ("feature-extraction", tiny_models.BUILDERS["feature-extraction"]),
        "labels": ("text-classification", tiny_models.text_classification),
    }
    specs = {}
    for name, (task, builder) in builders.items():
        (folder / name).mkdir()
        specs[name] = launch.spec(task, builder(folder / name))
    with model_servers.all_serving(specs, folder) as found:
        yield found


def without_template(folder: Path) -> Path:
    tiny_models.text_generation(folder)
    (folder / "chat_template.jinja").unlink()
    return folder


@pytest.fixture
def generation(urls: dict[str, str]) -> str:
    return urls["generation"]


@pytest.fixture
def embedding(urls: dict[str, str]) -> str:
    return urls["embedding"]


def post(url: str, path: str, **body: Any) -> httpx.Response:
    return httpx.post(url + path, json=body, timeout=30)


def chat(url: str, **options: Any) -> httpx.Response:
    return post(url, "/v1/chat/completions", **{"messages": HELLO, "temperature": 0, **options})


def complete(url: str, **options: Any) -> httpx.Response:
    return post(url, "/v1/completions", **{"prompt": PROMPT, "temperature": 0, **options})


def content_of(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]["message"]["content"]


def events(url: str, path: str, **body: Any) -> list[dict[str, Any]]:
    """The chunks of a stream; its last line is checked."""
    with httpx.stream("POST", url + path, json={**body, "stream": True}, timeout=30) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def predicted(url: str, inputs: object, **parameters: Any) -> str:
    response = httpx.post(url + "/predict", json={"inputs": inputs, "parameters": parameters})
    return response.json()[0]["generated_text"]


def test_chat_matches_predict(generation: str) -> None:
    response = chat(generation, max_tokens=8).json()
    assert response.pop("id").startswith("chatcmpl-")
    assert response.pop("created") > 1_700_000_000
    text = predicted(generation, HELLO, max_new_tokens=8)
    message = {"role": "assistant", "content": text}
    assert response == {
        "object": "chat.completion",
        "model": "tiny/text-generation",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28},
    }


def test_chat_stream_starts_with_role_and_ends_with_finish_reason_and_usage(
    generation: str,
) -> None:
    stream = events(
        generation, "/v1/chat/completions", messages=HELLO, max_tokens=8, temperature=0,
        stream_options={"include_usage": True},
    )  # fmt: skip
    *chunks, usage = stream
    assert {(c["id"], c["object"], c["model"]) for c in stream} == {
        (stream[0]["id"], "chat.completion.chunk", "tiny/text-generation")
    }
    choices = [chunk["choices"][0] for chunk in chunks]
    assert choices[0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(choice["delta"].get("content", "") for choice in choices)
    assert text == content_of(chat(generation, max_tokens=8))
    assert [choice["finish_reason"] for choice in choices[:-1]] == [None] * (len(choices) - 1)
    assert (choices[-1]["delta"], choices[-1]["finish_reason"]) == ({}, "length")
    assert all(chunk["usage"] is None for chunk in chunks)
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}


def test_stream_has_no_usage_by_default(generation: str) -> None:
    chunks = events(generation, "/v1/chat/completions", **BODIES["/v1/chat/completions"])
    assert all("usage" not in chunk and chunk["choices"] for chunk in chunks)


def test_both_limit_names_and_both_content_formats_are_accepted(generation: str) -> None:
    parts = [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]
    assert content_of(chat(generation, max_completion_tokens=3)) == content_of(
        chat(generation, max_tokens=3)
    )
    joined = [{"role": "user", "content": "h\ni"}]
    assert content_of(chat(generation, messages=joined, max_tokens=6)) == content_of(
        chat(generation, messages=[{"role": "user", "content": parts}], max_tokens=6)
    )


def test_developer_role_maps_to_system(generation: str) -> None:
    contents = {
        content_of(chat(generation, messages=[{"role": role, "content": "be kind"}], max_tokens=6))
        for role in ("developer", "system")
    }
    assert len(contents) == 1


def test_chat_without_limit_fills_context(generation: str) -> None:
    usage = chat(generation).json()["usage"]
    assert usage["total_tokens"] == 256


def test_chat_samples_unless_temperature_is_zero(generation: str) -> None:
    def text(**options: Any) -> str:
        body = {"messages": HELLO, "max_tokens": 24, **options}
        return content_of(post(generation, "/v1/chat/completions", **body))

    assert text(seed=1, temperature=2) == text(seed=1, temperature=2)
    assert text(seed=1, temperature=2) != text(seed=-5, temperature=2)
    assert text(temperature=0) == text(temperature=0, seed=9, top_p=0.5, top_k=3)
    assert text(seed=4) == text(seed=4, temperature=1, top_p=1)


def test_stop_sequence_ends_generation(generation: str) -> None:
    whole = content_of(chat(generation, max_tokens=24, temperature=2, seed=3))
    for stop in (whole[5:7], [whole[5:7]]):
        cut = chat(generation, max_tokens=24, temperature=2, seed=3, stop=stop)
        assert content_of(cut) == whole[: whole.index(whole[5:7])]
        assert cut.json()["choices"][0]["finish_reason"] == "stop"


def test_frequency_penalty_reduces_repetition(generation: str) -> None:
    def distinct(penalty: float) -> int:
        prompt = complete(generation, max_tokens=60, frequency_penalty=penalty)
        return len(set(prompt.json()["choices"][0]["text"]))

    assert distinct(2) > distinct(0)


def test_completions_return_choices_in_prompt_order(generation: str) -> None:
    response = complete(generation, prompt=["one", "two"], max_tokens=4, echo=True).json()
    assert response["object"] == "text_completion"
    assert [choice["index"] for choice in response["choices"]] == [0, 1]
    texts = [choice["text"] for choice in response["choices"]]
    assert texts == [
        predicted(generation, text, max_new_tokens=4, return_full_text=True)
        for text in ("one", "two")
    ]
    assert response["usage"] == {"prompt_tokens": 6, "completion_tokens": 8, "total_tokens": 14}


def test_completions_default_to_16_tokens(generation: str) -> None:
    assert complete(generation).json()["usage"]["completion_tokens"] == 16


@pytest.mark.parametrize("echo", [False, True])
def test_completion_stream_returns_same_text(generation: str, echo: bool) -> None:
    options = {"prompt": "Once", "max_tokens": 8, "temperature": 0, "echo": echo}
    chunks = events(generation, "/v1/completions", **options)
    text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
    assert text == complete(generation, **options).json()["choices"][0]["text"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"


def test_embeddings_match_predict_in_both_encodings(embedding: str) -> None:
    texts = ["the film", "boring museum in kyoto", "a"]
    expected = httpx.post(embedding + "/predict", json={"inputs": texts}).json()
    numbers = post(embedding, "/v1/embeddings", input=texts).json()
    packed = post(embedding, "/v1/embeddings", input=texts, encoding_format="base64").json()
    assert [entry["index"] for entry in numbers["data"]] == [0, 1, 2]
    assert [entry["embedding"] for entry in numbers["data"]] == expected
    for entry, values in zip(packed["data"], expected, strict=True):
        found = np.frombuffer(base64.b64decode(entry["embedding"]), "<f4")
        assert np.array_equal(found, np.array(values, np.float32))
    assert numbers["usage"] == {"prompt_tokens": 13, "total_tokens": 13}
    assert numbers["model"] == "tiny/feature-extraction"


def test_embedding_dimensions_can_be_reduced(embedding: str) -> None:
    response = post(embedding, "/v1/embeddings", input="the film", dimensions=8).json()
    assert len(response["data"][0]["embedding"]) == 8
    assert post(embedding, "/v1/embeddings", input="a", dimensions=99).status_code == 422


@pytest.mark.parametrize("ids", [[1, 2], [[1, 2], [3]]])
def test_token_ids_are_rejected_with_remedy(embedding: str, ids: object) -> None:
    refused = post(embedding, "/v1/embeddings", input=ids)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, "token-ids-given")
    assert "check_embedding_ctx_length=False" in error["message"]


def test_models_endpoint_lists_model(urls: dict[str, str]) -> None:
    for name, task in (("generation", "text-generation"), ("labels", "text-classification")):
        listed = httpx.get(urls[name] + "/v1/models").json()
        [model] = listed["data"]
        assert (listed["object"], model["object"], model["id"]) == ("list", "model", f"tiny/{task}")
        for wanted in (f"tiny/{task}", "test"):
            found = httpx.get(f"{urls[name]}/v1/models/{wanted}").json()
            assert found == model | {"name": "test", "ready": True}
        assert httpx.get(urls[name] + "/v1/models/gpt").status_code == 404
    assert httpx.get(urls["generation"] + "/v1/models").json()["data"][0]["max_model_len"] == 256


def test_openai_paths_also_exist_below_predict(urls: dict[str, str]) -> None:
    for path, body in BODIES.items():
        name = "embedding" if path == "/v1/embeddings" else "generation"
        assert post(urls[name] + "/predict", path, model="dummy", **body).status_code == 200
    assert httpx.get(urls["labels"] + "/predict/v1/models").status_code == 200


@pytest.mark.parametrize("path", BODIES)
def test_unknown_fields_are_accepted_with_warning(urls: dict[str, str], path: str) -> None:
    url = urls["embedding" if path == "/v1/embeddings" else "generation"]
    body = BODIES[path]
    assert "warning" not in post(url, path, **body).headers
    response = post(url, path, **body, service_tier="auto", **{'é"\r\nx: 1': 2})
    assert response.status_code == 200
    assert response.headers["warning"].startswith('299 slipway "Not used: ')
    assert "service_tier" in response.headers["warning"]
    assert "x" not in response.headers


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("presence_penalty", 0.5),
        ("logprobs", True),
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("response_format", {"type": "json_object", "value": {}}),
        ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]),
    ],
)
def test_unsupported_options_are_rejected_with_remedy(
    generation: str, option: str, value: object
) -> None:
    refused = chat(generation, **{option: value})
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert (error["code"], error["type"]) == ("option-not-supported", "invalid_request_error")
    assert "Remove " in error["message"]


def test_default_values_of_unsupported_options_are_accepted(generation: str) -> None:
    harmless = {
        "n": 1, "tools": [], "logprobs": False, "presence_penalty": 0, "user": "me", "stop": None,
        "response_format": {"type": "text"}, "tool_choice": "none", "max_tokens": 2,
    }  # fmt: skip
    response = chat(generation, **harmless)
    assert response.status_code == 200
    assert "warning" not in response.headers


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("temperature", -1),
        ("temperature", "hot"),
        ("top_p", 2),
        ("max_tokens", 0),
        ("max_tokens", 1.5),
        ("stop", [""]),
        ("seed", 2**70),
        ("stream", "yes"),
        ("messages", []),
        ("messages", "hi"),
        ("messages", [{"content": "hi"}]),
        ("messages", [{"role": "user", "content": 5}]),
    ],
)
def test_bad_value_is_rejected_by_name(generation: str, option: str, value: object) -> None:
    refused = chat(generation, **{option: value})
    assert refused.status_code == 422
    assert refused.json()["error"]["param"].startswith(option)


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/v1/chat/completions", b"{", 400),
        ("/v1/chat/completions", b"[]", 422),
        ("/v1/chat/completions", b"{}", 422),
        ("/v1/completions", b'{"prompt": NaN}', 400),
        ("/v1/completions", b'{"prompt": ""}', 422),
        ("/v1/completions", b'{"prompt": []}', 422),
        ("/v1/completions", b'{"prompt": [1, 2]}', 400),
        ("/v1/completions", b'{"prompt": ["a", "b"], "stream": true}', 422),
        ("/v1/embeddings", b"", 404),
    ],
)
def test_bad_bodies_return_openai_errors(
    generation: str, path: str, content: bytes, status: int
) -> None:
    refused = httpx.post(
        generation + path, content=content, headers={"content-type": "application/json"}
    )
    assert refused.status_code == status
    assert set(refused.json()["error"]) == {"message", "type", "param", "code"}


def test_other_content_types_are_rejected(generation: str) -> None:
    headers = {"content-type": "text/csv"}
    refused = httpx.post(generation + "/v1/completions", content=b"a,b", headers=headers)
    assert refused.status_code == 415


def test_error_before_first_token_of_stream_is_plain_json(generation: str) -> None:
    refused = chat(generation, messages=[{"role": "user", "content": "x" * 300}], stream=True)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "input-too-long")


def test_failure_during_stream_is_reported_in_stream(urls: dict[str, str]) -> None:
    body = {"prompt": PROMPT, "max_tokens": 16, "temperature": 0}
    *chunks, last = events(urls["failing"], "/v1/completions", **body)
    assert chunks
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks)
    assert last["error"]["code"] == "generation-failed"
    assert complete(urls["failing"], max_tokens=16).status_code == 424


def test_model_without_chat_template_points_to_completions(urls: dict[str, str]) -> None:
    refused = chat(urls["plain"])
    assert refused.status_code == 422
    assert "/v1/completions" in refused.json()["error"]["message"]
    assert complete(urls["plain"]).status_code == 200


def test_endpoint_of_other_task_names_that_task(urls: dict[str, str]) -> None:
    refused = chat(urls["labels"])
    assert refused.status_code == 404
    assert "text-generation" in refused.json()["error"]["message"]


def test_openapi_schema_lists_served_paths(urls: dict[str, str]) -> None:
    paths = httpx.get(urls["generation"] + "/openapi.json").json()["paths"]
    body = paths["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]
    assert post(urls["generation"], "/v1/chat/completions", **body["example"]).status_code == 200
    assert paths["/v1/models/{id}"]["get"]["parameters"][0]["name"] == "id"
    assert "/v1/embeddings" not in paths
    assert "/v1/embeddings" in httpx.get(urls["embedding"] + "/openapi.json").json()["paths"]
