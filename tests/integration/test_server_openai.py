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


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def events(url: str, path: str, **body: Any) -> list[dict[str, Any]]:
    """The chunks of a stream; its last line is checked."""
    with httpx.stream("POST", url + path, json={**body, "stream": True}, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def predicted(url: str, inputs: object, **parameters: Any) -> str:
    answer = httpx.post(url + "/predict", json={"inputs": inputs, "parameters": parameters})
    return answer.json()[0]["generated_text"]


def test_chat_answers_what_predict_does(generation: str) -> None:
    answer = chat(generation, max_tokens=8).json()
    assert answer.pop("id").startswith("chatcmpl-")
    assert answer.pop("created") > 1_700_000_000
    text = predicted(generation, HELLO, max_new_tokens=8)
    message = {"role": "assistant", "content": text}
    assert answer == {
        "object": "chat.completion",
        "model": "tiny/text-generation",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28},
    }


def test_a_chat_stream_begins_with_the_role_and_ends_with_reason_and_usage(generation: str) -> None:
    told = events(
        generation, "/v1/chat/completions", messages=HELLO, max_tokens=8, temperature=0,
        stream_options={"include_usage": True},
    )  # fmt: skip
    *chunks, usage = told
    assert {(c["id"], c["object"], c["model"]) for c in told} == {
        (told[0]["id"], "chat.completion.chunk", "tiny/text-generation")
    }
    choices = [chunk["choices"][0] for chunk in chunks]
    assert choices[0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(choice["delta"].get("content", "") for choice in choices)
    assert text == said(chat(generation, max_tokens=8))
    assert [choice["finish_reason"] for choice in choices[:-1]] == [None] * (len(choices) - 1)
    assert (choices[-1]["delta"], choices[-1]["finish_reason"]) == ({}, "length")
    assert all(chunk["usage"] is None for chunk in chunks)
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}


def test_a_stream_without_usage_has_none(generation: str) -> None:
    told = events(generation, "/v1/chat/completions", **BODIES["/v1/chat/completions"])
    assert all("usage" not in chunk and chunk["choices"] for chunk in told)


def test_both_names_of_the_limit_and_both_forms_of_content_are_taken(generation: str) -> None:
    parts = [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]
    assert said(chat(generation, max_completion_tokens=3)) == said(chat(generation, max_tokens=3))
    joined = [{"role": "user", "content": "h\ni"}]
    assert said(chat(generation, messages=joined, max_tokens=6)) == said(
        chat(generation, messages=[{"role": "user", "content": parts}], max_tokens=6)
    )


def test_a_developer_is_the_templates_system(generation: str) -> None:
    answers = {
        said(chat(generation, messages=[{"role": role, "content": "be kind"}], max_tokens=6))
        for role in ("developer", "system")
    }
    assert len(answers) == 1


def test_a_conversation_without_a_limit_goes_on_as_far_as_fits(generation: str) -> None:
    usage = chat(generation).json()["usage"]
    assert usage["total_tokens"] == 256


def test_tokens_are_drawn_unless_temperature_is_zero(generation: str) -> None:
    def text(**options: Any) -> str:
        body = {"messages": HELLO, "max_tokens": 24, **options}
        return said(post(generation, "/v1/chat/completions", **body))

    assert text(seed=1, temperature=2) == text(seed=1, temperature=2)
    assert text(seed=1, temperature=2) != text(seed=-5, temperature=2)
    assert text(temperature=0) == text(temperature=0, seed=9, top_p=0.5, top_k=3)
    assert text(seed=4) == text(seed=4, temperature=1, top_p=1)


def test_a_stop_text_ends_the_answer(generation: str) -> None:
    whole = said(chat(generation, max_tokens=24, temperature=2, seed=3))
    for stop in (whole[5:7], [whole[5:7]]):
        cut = chat(generation, max_tokens=24, temperature=2, seed=3, stop=stop)
        assert said(cut) == whole[: whole.index(whole[5:7])]
        assert cut.json()["choices"][0]["finish_reason"] == "stop"


def test_a_frequency_penalty_makes_it_repeat_less(generation: str) -> None:
    def distinct(penalty: float) -> int:
        prompt = complete(generation, max_tokens=60, frequency_penalty=penalty)
        return len(set(prompt.json()["choices"][0]["text"]))

    assert distinct(2) > distinct(0)


def test_completions_answer_each_prompt_in_order(generation: str) -> None:
    answer = complete(generation, prompt=["one", "two"], max_tokens=4, echo=True).json()
    assert answer["object"] == "text_completion"
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    texts = [choice["text"] for choice in answer["choices"]]
    assert texts == [
        predicted(generation, text, max_new_tokens=4, return_full_text=True)
        for text in ("one", "two")
    ]
    assert answer["usage"] == {"prompt_tokens": 6, "completion_tokens": 8, "total_tokens": 14}


def test_completions_have_sixteen_tokens_unless_told(generation: str) -> None:
    assert complete(generation).json()["usage"]["completion_tokens"] == 16


@pytest.mark.parametrize("echo", [False, True])
def test_a_stream_of_completions_tells_the_same_text(generation: str, echo: bool) -> None:
    options = {"prompt": "Once", "max_tokens": 8, "temperature": 0, "echo": echo}
    told = events(generation, "/v1/completions", **options)
    text = "".join(chunk["choices"][0]["text"] for chunk in told)
    assert text == complete(generation, **options).json()["choices"][0]["text"]
    assert told[-1]["choices"][0]["finish_reason"] == "length"


def test_embeddings_are_those_of_predict_in_both_encodings(embedding: str) -> None:
    texts = ["the film", "boring museum in kyoto", "a"]
    expected = httpx.post(embedding + "/predict", json={"inputs": texts}).json()
    numbers = post(embedding, "/v1/embeddings", input=texts).json()
    packed = post(embedding, "/v1/embeddings", input=texts, encoding_format="base64").json()
    assert [entry["index"] for entry in numbers["data"]] == [0, 1, 2]
    assert [entry["embedding"] for entry in numbers["data"]] == expected
    for entry, vector in zip(packed["data"], expected, strict=True):
        found = np.frombuffer(base64.b64decode(entry["embedding"]), "<f4")
        assert np.array_equal(found, np.array(vector, np.float32))
    assert numbers["usage"] == {"prompt_tokens": 13, "total_tokens": 13}
    assert numbers["model"] == "tiny/feature-extraction"


def test_embeddings_can_be_shorter(embedding: str) -> None:
    answer = post(embedding, "/v1/embeddings", input="the film", dimensions=8).json()
    assert len(answer["data"][0]["embedding"]) == 8
    assert post(embedding, "/v1/embeddings", input="a", dimensions=99).status_code == 422


@pytest.mark.parametrize("ids", [[1, 2], [[1, 2], [3]]])
def test_token_ids_are_refused_with_the_remedy(embedding: str, ids: object) -> None:
    refused = post(embedding, "/v1/embeddings", input=ids)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, "token-ids-given")
    assert "check_embedding_ctx_length=False" in error["message"]


def test_every_server_tells_its_model(urls: dict[str, str]) -> None:
    for name, task in (("generation", "text-generation"), ("labels", "text-classification")):
        listed = httpx.get(urls[name] + "/v1/models").json()
        [model] = listed["data"]
        assert (listed["object"], model["object"], model["id"]) == ("list", "model", f"tiny/{task}")
        for wanted in (f"tiny/{task}", "test"):
            assert httpx.get(f"{urls[name]}/v1/models/{wanted}").json() == model
        assert httpx.get(urls[name] + "/v1/models/gpt").status_code == 404
    assert httpx.get(urls["generation"] + "/v1/models").json()["data"][0]["max_model_len"] == 256


def test_everything_is_also_below_predict(urls: dict[str, str]) -> None:
    for path, body in BODIES.items():
        name = "embedding" if path == "/v1/embeddings" else "generation"
        assert post(urls[name] + "/predict", path, model="dummy", **body).status_code == 200
    assert httpx.get(urls["labels"] + "/predict/v1/models").status_code == 200


@pytest.mark.parametrize("path", BODIES)
def test_fields_of_others_are_let_through_and_named(urls: dict[str, str], path: str) -> None:
    url = urls["embedding" if path == "/v1/embeddings" else "generation"]
    body = BODIES[path]
    assert "warning" not in post(url, path, **body).headers
    told = post(url, path, **body, service_tier="auto", **{'é"\r\nx: 1': 2})
    assert told.status_code == 200
    assert told.headers["warning"].startswith('299 slipway "Not used: ')
    assert "service_tier" in told.headers["warning"]
    assert "x" not in told.headers


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("n", 2),
        ("presence_penalty", 0.5),
        ("logprobs", True),
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("response_format", {"type": "json_object", "value": {}}),
        ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]),
    ],
)
def test_what_is_not_done_is_refused_and_says_what_to_do(
    generation: str, option: str, value: object
) -> None:
    refused = chat(generation, **{option: value})
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert (error["code"], error["type"]) == ("option-not-supported", "invalid_request_error")
    assert "Remove " in error["message"]


def test_what_asks_for_nothing_special_is_taken(generation: str) -> None:
    harmless = {
        "n": 1, "tools": [], "logprobs": False, "presence_penalty": 0, "user": "me", "stop": None,
        "response_format": {"type": "text"}, "tool_choice": "none", "max_tokens": 2,
    }  # fmt: skip
    answer = chat(generation, **harmless)
    assert answer.status_code == 200
    assert "warning" not in answer.headers


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
def test_a_bad_value_is_refused_by_name(generation: str, option: str, value: object) -> None:
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
def test_bad_bodies_have_openais_shape(
    generation: str, path: str, content: bytes, status: int
) -> None:
    refused = httpx.post(
        generation + path, content=content, headers={"content-type": "application/json"}
    )
    assert refused.status_code == status
    assert set(refused.json()["error"]) == {"message", "type", "param", "code"}


def test_another_kind_of_body_is_refused(generation: str) -> None:
    headers = {"content-type": "text/csv"}
    refused = httpx.post(generation + "/v1/completions", content=b"a,b", headers=headers)
    assert refused.status_code == 415


def test_a_refusal_before_the_first_token_of_a_stream_is_a_plain_answer(generation: str) -> None:
    refused = chat(generation, messages=[{"role": "user", "content": "x" * 300}], stream=True)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "input-too-long")


def test_a_failure_on_the_way_is_told_in_the_stream(urls: dict[str, str]) -> None:
    body = {"prompt": PROMPT, "max_tokens": 16, "temperature": 0}
    *told, last = events(urls["failing"], "/v1/completions", **body)
    assert told
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in told)
    assert last["error"]["code"] == "generation-failed"
    assert complete(urls["failing"], max_tokens=16).status_code == 424


def test_a_model_without_a_template_sends_you_to_completions(urls: dict[str, str]) -> None:
    refused = chat(urls["plain"])
    assert refused.status_code == 422
    assert "/v1/completions" in refused.json()["error"]["message"]
    assert complete(urls["plain"]).status_code == 200


def test_an_address_of_another_task_says_whose_it_is(urls: dict[str, str]) -> None:
    refused = chat(urls["labels"])
    assert refused.status_code == 404
    assert "text-generation" in refused.json()["error"]["message"]


def test_the_schema_describes_what_is_served(urls: dict[str, str]) -> None:
    paths = httpx.get(urls["generation"] + "/openapi.json").json()["paths"]
    body = paths["/v1/chat/completions"]["post"]["requestBody"]["content"]["application/json"]
    assert post(urls["generation"], "/v1/chat/completions", **body["example"]).status_code == 200
    assert paths["/v1/models/{id}"]["get"]["parameters"][0]["name"] == "id"
    assert "/v1/embeddings" not in paths
    assert "/v1/embeddings" in httpx.get(urls["embedding"] + "/openapi.json").json()["paths"]
