"""Conversations with images in OpenAI's form, on real servers."""

import json
from typing import Any

import httpx
import pytest

from tests.fakes import model_servers
from tests.fakes.images import IMAGE, OTHER, packed

TASK = "image-text-to-text"
KINDS = (TASK, f"{TASK}/qwen2-vl")
PATH = "/v1/chat/completions"


def image_messages(*images: bytes) -> list[dict[str, Any]]:
    shown = [
        {"type": "image_url", "image_url": {"url": url_of(image), "detail": "low"}}
        for image in images
    ]
    parts = [{"type": "text", "text": "What is it?"}, *shown]
    return [{"role": "developer", "content": "Be short."}, {"role": "user", "content": parts}]


def url_of(image: bytes) -> str:
    return f"data:image/png;base64,{packed(image)}"


def chat(url: str, messages: object, **options: Any) -> httpx.Response:
    body = {"model": "any", "messages": messages, "max_tokens": 8, "temperature": 0, **options}
    return httpx.post(url + PATH, json=body, timeout=60)


@pytest.mark.parametrize("name", KINDS)
def test_image_gets_same_response_as_predict(
    name: str, urls: dict[str, str], predict: model_servers.Predict
) -> None:
    contents: list[str] = []
    for images in ((IMAGE,), (OTHER,), (IMAGE, OTHER)):
        messages = image_messages(*images)
        response = chat(urls[name], messages).json()
        [choice] = response["choices"]
        assert choice["finish_reason"] == "length"
        as_system = [{**messages[0], "role": "system"}, messages[1]]
        [own] = predict(name, as_system, max_new_tokens=8, details=True).json()
        assert choice["message"] == {"role": "assistant", "content": own["generated_text"]}
        assert response["usage"]["prompt_tokens"] == own["details"]["input_length"]
        assert response["usage"]["completion_tokens"] == 8
        contents.append(own["generated_text"])
    assert len(set(contents)) == 3


def test_stream_returns_same_text_in_chunks(urls: dict[str, str]) -> None:
    whole = chat(urls[TASK], image_messages(IMAGE)).json()["choices"][0]["message"]["content"]
    response = chat(urls[TASK], image_messages(IMAGE), stream=True)
    *lines, last = [line[6:] for line in response.text.splitlines() if line]
    assert last == "[DONE]"
    chunks = [json.loads(line)["choices"][0] for line in lines]
    assert "".join(chunk["delta"].get("content", "") for chunk in chunks) == whole
    assert chunks[-1]["finish_reason"] == "length"


def test_text_only_conversation_is_accepted(urls: dict[str, str]) -> None:
    plain = chat(urls[TASK], [{"role": "user", "content": "What is it?"}]).json()
    parts = [{"type": "text", "text": "What is it?"}]
    assert (
        chat(urls[TASK], [{"role": "user", "content": parts}]).json()["choices"]
        == (plain["choices"])
    )


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/a.png"}}, "not fetched"),
        ({"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}, "not fetched"),
        ({"type": "image_url", "image_url": {}}, "image_url.url"),
        ({"type": "image_url"}, "needs the field image_url"),
        ({"type": "image_url", "image_url": "data:"}, "image_url"),
        ({"type": "input_audio", "input_audio": {"data": "AA"}}, "reads text and images"),
    ],
)
def test_invalid_image_returns_openai_error(
    part: dict[str, Any], reason: str, urls: dict[str, str]
) -> None:
    response = chat(urls[TASK], [{"role": "user", "content": [part]}])
    assert response.status_code == 422
    assert reason in response.json()["error"]["message"]


def test_text_only_model_rejects_images(urls: dict[str, str]) -> None:
    response = chat(urls["text-generation"], image_messages(IMAGE))
    assert response.status_code == 422
    assert "reads text only" in response.json()["error"]["message"]


def test_image_size_limit_matches_predict(urls: dict[str, str]) -> None:
    messages = image_messages(IMAGE)
    messages[1]["content"][0]["text"] = "a" * (17 * 1024 * 1024)
    # Read, and then refused as a text that is too long.
    assert chat(urls[TASK], messages).status_code == 422
    assert chat(urls["text-generation"], messages).status_code == 413
