"""Recordings as forms, as OpenAI's clients send them; the text is the task's own."""

from typing import Any

import httpx
import pytest

from backend.inference.protocols.openai.subtitles import Part, srt, vtt
from backend.tasks.samples import wav

CTC = "automatic-speech-recognition"
WHISPER = f"{CTC}/whisper"
PATH = "/v1/audio/transcriptions"


def send(url: str, audio: bytes | None = None, path: str = PATH, **fields: Any) -> httpx.Response:
    file = {"file": ("sound.wav", wav(1) if audio is None else audio, "audio/wav")}
    return httpx.post(url + path, files=file, data=fields, timeout=60)


def predicted(url: str, times: bool | str = False) -> dict[str, Any]:
    query = f"?return_timestamps={times}" if times else ""
    body, kind = wav(1), {"content-type": "audio/wav"}
    return httpx.post(f"{url}/predict{query}", content=body, headers=kind, timeout=60).json()


@pytest.mark.parametrize("name", [CTC, WHISPER])
def test_text_matches_predict(name: str, urls: dict[str, str]) -> None:
    text = predicted(urls[name])["text"]
    assert send(urls[name], model="any").json() == {"text": text}
    assert send(urls[name], path=f"/predict{PATH}", response_format="json").json()["text"] == text
    plain = send(urls[name], response_format="text", temperature="0")
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.text == text + "\n"


def test_segments_and_words_have_timestamps(urls: dict[str, str]) -> None:
    url = urls[CTC]
    chunks = predicted(url, "word")["chunks"]
    fields: dict[str, Any] = {"timestamp_granularities[]": ["word"]}
    response = send(url, response_format="verbose_json", **fields)
    assert response.json()["words"] == [
        {"word": c["text"].strip(), "start": c["timestamp"][0], "end": c["timestamp"][1]}
        for c in chunks
    ]
    assert response.json()["duration"] == chunks[-1]["timestamp"][1]
    segments = send(url, response_format="verbose_json").json()["segments"]
    assert [segment["id"] for segment in segments] == list(range(len(segments)))
    assert send(url, response_format="srt").text.startswith("1\n00:00:0")
    subtitles = send(url, response_format="vtt")
    assert subtitles.headers["content-type"] == "text/vtt; charset=utf-8"
    assert subtitles.text.startswith("WEBVTT\n\n00:00:0")


def test_subtitle_formats_are_valid() -> None:
    parts = [
        Part(text=" Hello\n--> you ", start=0, end=1.5),
        Part(text="again", start=3599.9996, end=3661.007),
    ]
    first, second = "Hello -> you", "again"
    assert srt(parts) == (
        f"1\n00:00:00,000 --> 00:00:01,500\n{first}\n\n2\n01:00:00,000 --> 01:01:01,007\n{second}\n"
    )
    assert vtt(parts) == (
        f"WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n{first}\n\n"
        f"01:00:00.000 --> 01:01:01.007\n{second}\n"
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"response_format": "xml"}, "response_format"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": "2"}, "temperature"),
        ({"timestamp_granularities[]": ["letter"]}, "timestamp_granularities[]"),
        ({"stream": "true"}, "stream"),
    ],
)
def test_bad_field_is_rejected_by_name(
    fields: dict[str, Any], named: str, urls: dict[str, str]
) -> None:
    refused = send(urls[CTC], **fields)
    assert refused.status_code == 422
    assert refused.json()["error"]["param"].startswith(named)


def test_invalid_form_or_audio_is_rejected(urls: dict[str, str]) -> None:
    url = urls[CTC]
    assert httpx.post(url + PATH, json={"file": "x"}).status_code == 415
    broken = {"content-type": "multipart/form-data"}
    assert httpx.post(url + PATH, content=b"x", headers=broken).status_code == 400
    text = httpx.post(url + PATH, data={"file": "x"}, files={"other": b"y"})
    assert (text.status_code, text.json()["error"]["param"]) == (422, "file")
    assert send(url, b"no sound").json()["error"]["code"] == "invalid-media"
    assert send(url, b"").status_code == 422


def test_unknown_fields_are_listed_in_warning_header(urls: dict[str, str]) -> None:
    response = send(urls[CTC], prompt="Once", nobody="1")
    assert response.status_code == 200
    assert "nobody, prompt" in response.headers["warning"]
