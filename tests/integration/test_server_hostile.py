"""Bad input of every kind returns a 4xx with a reason, and the next request succeeds."""

import base64
import gzip
import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from backend.tasks import TASKS
from backend.tasks.samples import png, wav
from tests.fakes import launch, model_servers, tiny_models

CLASSIFY = "text-classification"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("hostile")
    models = model_servers.build(folder)
    specs = {task: launch.spec(task, models[task]) for task in TASKS}
    for name, builder in (
        ("nan", tiny_models.not_a_number),
        ("panic", tiny_models.panicking_tokenizer),
    ):
        (folder / name).mkdir()
        specs[name] = launch.spec(CLASSIFY, builder(folder / name))
    with model_servers.all_serving(specs, folder) as found:
        yield found


def post(
    url: str, body: bytes, content_type: str | None = "application/json", **more: Any
) -> httpx.Response:
    headers = {"content-type": content_type} if content_type else {}
    return httpx.post(url + "/predict", content=body, headers=headers, timeout=30, **more)


BROKEN = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b'{"inputs": "a"} x',
    b'{"inputs": "a"}{"inputs": "b"}',
    b"\xef\xbb\xbf{}",
    '{"inputs": "a"}'.encode("utf-16"),
    b'{"inputs": "\xff"}',
    b'{"inputs": NaN}',
    b'{"inputs": "a", "parameters": {"top_k": Infinity}}',
    b'{"inputs": 1e400}',
    b'{"inputs": -1e400}',
    b'{"inputs": ' + b"9" * 5000 + b"}",
    b'{"inputs": "a", "inputs": "b"}',
    b'{"inputs": "\\ud800"}',
    b'{"inputs": "a", "parameters": {"\\udfff": 1}}',
    b'{"inputs": ' + b"[" * 40 + b"]" * 40 + b"}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"inputs": {}}',
    b'{"inputs": []}',
    b'{"inputs": null}',
    b'{"inputs": true}',
    b'{"inputs": 5}',
    b'{"inputs": ""}',
    b'{"inputs": ["a", 5]}',
    b'{"inputs": ["a", ""]}',
    b'{"parameters": {}}',
    b'{"inputs": "a", "parameters": []}',
    b'{"inputs": "a", "parameters": "x"}',
    b'{"inputs": "a", "parameters": {"nobody": 1}}',
    b'{"inputs": "a", "other": 1}',
    b'{"inputs": "a", "parameters": {"top_k": 18446744073709551616}}',
    b'{"inputs": [[["a"]]]}',
    b'{"inputs": "http://127.0.0.1:1/x.png"}',
    b'{"inputs": "/etc/passwd"}',
    b'{"inputs": "file:///etc/passwd"}',
]


@pytest.mark.parametrize("task", TASKS)
def test_broken_json_returns_4xx_with_code_and_remedy(task: str, urls: dict[str, str]) -> None:
    for body in BROKEN:
        response = post(urls[task], body)
        if response.status_code == 200:
            assert b"http" in body or b"/etc" in body, body[:80]
            assert TASKS[task].input == "json"
            continue
        assert 400 <= response.status_code < 500, (body[:80], response.text)
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["remedy"]
        assert problem["error"] == problem["detail"]
        assert problem["request_id"] == response.headers["x-request-id"]
    sample = TASKS[task].sample(0)
    assert post(urls[task], sample.body, sample.content_type).status_code == 200


def test_unknown_parameter_is_rejected_with_known_ones(urls: dict[str, str]) -> None:
    detail = post(urls[CLASSIFY], b'{"inputs": "a", "parameters": {"topk": 1}}').json()["detail"]
    assert "'topk'" in detail
    assert "top_k" in detail
    assert post(urls[CLASSIFY], b'{"inputs": "a", "parameters": {"model": "x"}}').status_code == 200


def test_error_never_contains_value(urls: dict[str, str]) -> None:
    body = b'{"inputs": "a", "parameters": {"top_k": "hf_secretsecret"}}'
    assert "secretsecret" not in post(urls[CLASSIFY], body).text


def test_bad_item_of_batch_is_reported_with_its_index(urls: dict[str, str]) -> None:
    problem = post(urls[CLASSIFY], b'{"inputs": ["fine", ""]}').json()
    assert problem["errors"][0]["pointer"] == "#/inputs/1"


def test_too_many_or_too_long_inputs_return_413_or_422(urls: dict[str, str]) -> None:
    many = b'{"inputs": [' + b",".join([b'"a"'] * 10_001) + b"]}"
    assert post(urls[CLASSIFY], many).status_code == 413
    assert post(urls[CLASSIFY], b'{"inputs": "' + b"a " * 600_000 + b'"}').status_code == 422
    assert post(urls[CLASSIFY], b'{"inputs": "' + b"a" * (17 << 20) + b'"}').status_code == 413


def test_unsupported_types_and_encodings_return_415(urls: dict[str, str]) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x"):
        assert post(urls[CLASSIFY], b'{"inputs": "a"}', kind).status_code == 415
    packed = gzip.compress(b'{"inputs": "a"}')
    headers = {"content-encoding": "br", "content-type": "application/json"}
    response = httpx.post(urls[CLASSIFY] + "/predict", content=packed, headers=headers)
    assert response.status_code == 415


def test_default_content_type_of_curl_is_read_as_json(urls: dict[str, str]) -> None:
    form = "application/x-www-form-urlencoded"
    assert post(urls[CLASSIFY], b'{"inputs": "a"}', form).status_code == 200
    assert post(urls[CLASSIFY], b"inputs=a", form).status_code == 400
    page = {"content-type": form, "origin": "https://evil.example"}
    response = httpx.post(urls[CLASSIFY] + "/predict", content=b'{"inputs": "a"}', headers=page)
    assert response.status_code == 403


def _png(width: int, height: int) -> bytes:
    """A PNG whose header declares this size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    parts = [
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data)
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _image(mode: str, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (20, 30)).save(out, kind, **more)
    return out.getvalue()


IMAGE_BODIES: list[tuple[bytes, set[int]]] = [
    (b"", {422}),
    (b"\x89", {422}),
    (b"<html></html>", {422}),
    (png(0)[:60], {422}),
    (png(0)[:-2000], {422}),
    (_png(50_000, 50_000), {413}),
    (_png(8000, 8000), {413}),
    (_png(100, 100), {422}),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {415}),
    (b"<?xml version='1.0'?><svg/>", {415}),
    (b"<!---->" * 585, {422}),
    (_image("CMYK", "JPEG"), {200}),
    (_image("I;16", "PNG"), {200}),
    (_image("P", "GIF"), {200}),
    (_image("LA", "PNG"), {200}),
    (_image("RGBA", "WEBP"), {200}),
    (_image("1", "BMP"), {200}),
    (_image("RGB", "JPEG")[:200], {422}),
    (wav(0), {422}),
]


def test_images_are_accepted_or_rejected_by_content(urls: dict[str, str]) -> None:
    for body, expected in IMAGE_BODIES:
        for content_type in ("image/jpeg", None):
            response = post(urls["image-classification"], body, content_type)
            assert response.status_code in expected, (body[:40], response.text)


def _wav(
    rate: int,
    channels: int,
    samples: bytes,
    *,
    bits: int = 16,
    kind: int = 1,
    size: int | None = None,
) -> bytes:
    width = channels * bits // 8
    header = struct.pack("<HHIIHH", kind, channels, rate, min(rate * width, 2**32 - 1), width, bits)
    length = len(samples) if size is None else size
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + length, 2**32 - 1))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + header
        + b"data"
        + struct.pack("<I", length)
        + samples
    )


AUDIO_FILES: list[tuple[bytes, set[int]]] = [
    (b"", {422}),
    (b"RIFF", {422}),
    (_wav(16_000, 1, b""), {422}),
    (wav(0)[:20], {422}),
    (png(0), {422}),
    (_wav(8000, 1, b"\1\0" * 8000), {200}),
    (_wav(192_000, 1, b"\1\0" * 96_000), {200}),
    (_wav(16_000, 1, b"\1\0" * 16_000, size=2**32 - 1), {200, 422}),
    (_wav(16_000, 1, b"\1\0" * 16_000, size=0), {200, 422}),
    (_wav(1, 1, b"\1\0" * 40_000), {413, 422}),
    (_wav(1000, 1, b"\1\0" * 1_300_000), {413}),
    (_wav(16_000, 1, struct.pack("<f", float("nan")) * 16_000, bits=32, kind=3), {422}),
    (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n", {422}),
    (b"ffconcat version 1.0\nfile /etc/passwd\n", {422}),
    (b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"\0" * 100, {422}),
]


def test_audio_is_accepted_or_rejected_by_content(urls: dict[str, str]) -> None:
    for body, expected in AUDIO_FILES:
        response = post(urls["audio-classification"], body, "audio/wav")
        assert response.status_code in expected, (body[:60], response.text)


def test_invalid_base64_and_urls_are_rejected(urls: dict[str, str]) -> None:
    for task in ("image-classification", "audio-classification"):
        for inputs in (
            "%%%",
            "http://127.0.0.1/a",
            "file:///etc/hostname",
            "/etc/passwd",
            "../x",
            5,
            {"a": 1},
        ):
            response = httpx.post(urls[task] + "/predict", json={"inputs": inputs})
            assert response.status_code == 422, response.text
    truncated = base64.b64encode(png(0)).decode()[:100]
    response = httpx.post(urls["image-classification"] + "/predict", json={"inputs": truncated})
    assert response.json()["code"] == "invalid-media"


def test_non_finite_output_returns_424(urls: dict[str, str]) -> None:
    problem = post(urls["nan"], b'{"inputs": "the film!"}', None)
    assert problem.status_code == 424
    assert problem.json()["error_type"] == "generation"
    assert post(urls["nan"], b'{"inputs": "the film"}', None).status_code == 200


def test_tokenizer_panic_fails_one_request_only(urls: dict[str, str]) -> None:
    trigger = b'{"inputs": "' + b"a" * 40 + b'!"}'
    for _ in range(3):
        assert post(urls["panic"], trigger).status_code == 424
        assert post(urls["panic"], b'{"inputs": "the film"}').status_code == 200
