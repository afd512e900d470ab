"""`curl -F file=@photo.jpg URL/predict`: a form with one file, and its fields beside it."""

import base64
import gzip
import json
from typing import Any

import httpx
import pytest

from backend.tasks.samples import png, wav
from tests.fakes import model_servers


def upload(url: str, name: str = "file", body: bytes = b"", **fields: Any) -> httpx.Response:
    """As curl sends it."""
    files = {name: ("any.bin", body, "application/octet-stream")}
    return httpx.post(f"{url}/predict", files=files, data=fields, timeout=60)


@pytest.mark.parametrize(
    ("task", "body", "fields", "parameters"),
    [
        ("image-classification", png(1), {"top_k": "1"}, {"top_k": 1}),
        ("image-classification", png(1), {"parameters": '{"top_k": 1}'}, {"top_k": 1}),
        ("audio-classification", wav(1), {}, {}),
        ("automatic-speech-recognition", wav(1), {}, {}),
        (
            "zero-shot-image-classification",
            png(1),
            {"candidate_labels": '["cat", "dog"]'},
            {"candidate_labels": ["cat", "dog"]},
        ),
        (
            "zero-shot-image-classification",
            png(1),
            {"candidate_labels": ["cat", "dog"]},
            {"candidate_labels": ["cat", "dog"]},
        ),
    ],
)
def test_form_returns_same_result_as_json(
    task: str, body: bytes, fields: dict[str, Any], parameters: dict[str, Any],
    urls: dict[str, str], predict: model_servers.Predict,
) -> None:  # fmt: skip
    made = upload(urls[task], body=body, **fields)
    assert made.status_code == 200, made.text
    assert made.json() == predict(task, base64.b64encode(body).decode(), **parameters).json()


@pytest.mark.parametrize("name", ["file", "image", "inputs"])
def test_question_is_form_field_next_to_image(
    name: str, urls: dict[str, str], predict: model_servers.Predict
) -> None:
    task = "visual-question-answering"
    made = upload(urls[task], name, png(1), question="Is it wonderful?", top_k="2")
    inputs = {"image": base64.b64encode(png(1)).decode(), "question": "Is it wonderful?"}
    expected = predict(task, inputs, top_k=2).json()
    assert made.json() == [
        {**entry, "score": pytest.approx(entry["score"], abs=1e-5)} for entry in expected
    ]


def test_bad_form_returns_422_with_reason(urls: dict[str, str]) -> None:
    url = urls["image-classification"]
    two = [("file", ("a.png", png(1))), ("file", ("b.png", png(2)))]
    for made, words in (
        (httpx.post(f"{url}/predict", files=two), "twice"),
        (httpx.post(f"{url}/predict", files={"file": (None, "text")}), "not a file"),
        (upload(url, body=png(1), nobody="1"), "nobody"),
        (upload(url, body=png(1), top_k="many"), "top_k"),
        (upload(url, body=png(1), parameters="[1]"), "must be an object"),
        (upload(url, body=b""), "empty"),
        (upload(url, body=b"no image"), "could not be decoded"),
    ):
        assert made.status_code == 422, made.text
        assert words in made.json()["detail"]
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert httpx.post(f"{url}/predict", content=b"--y", headers=broken).status_code in {400, 422}


def test_text_task_rejects_forms(urls: dict[str, str]) -> None:
    made = upload(urls["text-classification"], body=b"a text")
    assert made.status_code == 415


def test_openapi_schema_documents_form(urls: dict[str, str]) -> None:
    def contents(task: str) -> set[str]:
        document = httpx.get(f"{urls[task]}/openapi.json").json()
        return set(document["paths"]["/predict"]["post"]["requestBody"]["content"])

    assert "multipart/form-data" in contents("image-classification")
    assert "multipart/form-data" in contents("visual-question-answering")
    assert "multipart/form-data" not in contents("text-classification")


def test_compressed_bodies_and_byte_order_marks_are_accepted(urls: dict[str, str]) -> None:
    url = f"{urls['text-classification']}/predict"
    plain = httpx.post(url, json={"inputs": "wonderful"}).json()
    body = json.dumps({"inputs": "wonderful"}).encode()
    kind = {"content-type": "application/json"}
    packed = httpx.post(
        url, content=gzip.compress(body), headers={**kind, "content-encoding": "gzip"}
    )
    assert packed.json() == plain
    assert httpx.post(url, content=b"\xef\xbb\xbf" + body, headers=kind).json() == plain
    bomb = gzip.compress(bytes(300_000_000))
    refused = httpx.post(url, content=bomb, headers={**kind, "content-encoding": "gzip"})
    assert refused.status_code == 413
    broken = httpx.post(url, content=b"x", headers={**kind, "content-encoding": "gzip"})
    assert broken.status_code == 400
