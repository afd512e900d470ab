"""OpenAI speech endpoint: returns the audio that /predict returns."""

from typing import Any

import httpx
import pytest

TASK = "text-to-speech"
TEXT = "the film was wonderful"


def speech(url: str, path: str = "/v1/audio/speech", **fields: Any) -> httpx.Response:
    return httpx.post(url + path, json={"input": TEXT, **fields}, timeout=60)


def test_speech_returns_wav_on_both_paths(urls: dict[str, str]) -> None:
    response = speech(urls[TASK], model="any", voice="alloy", speed=1)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "audio/wav"
    assert (response.content[:4], response.content[8:12]) == (b"RIFF", b"WAVE")
    assert speech(urls[TASK], "/predict/v1/audio/speech", response_format="wav").status_code == 200
    assert "instructions" in speech(urls[TASK], instructions="softly").headers["warning"]


def test_higher_speed_returns_shorter_audio(urls: dict[str, str]) -> None:
    slow, fast = (len(speech(urls[TASK], speed=speed).content) for speed in (0.5, 4))
    assert fast < slow


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"response_format": "mp3"}, "option-not-supported"),
        ({"stream_format": "sse"}, "option-not-supported"),
        ({"speed": 9}, "invalid-request"),
        ({"input": ""}, "invalid-request"),
        ({"input": ["a"]}, "invalid-request"),
        ({"voice": "99999"}, "invalid-input"),
    ],
)
def test_unsupported_options_are_rejected(
    fields: dict[str, Any], code: str, urls: dict[str, str]
) -> None:
    refused = speech(urls[TASK], **fields)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


def test_openapi_schema_declares_audio_response(urls: dict[str, str]) -> None:
    paths = httpx.get(urls[TASK] + "/openapi.json").json()["paths"]
    contents = paths["/v1/audio/speech"]["post"]["responses"]["200"]["content"]
    assert contents == {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
