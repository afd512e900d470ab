"""Texts said for OpenAI's clients: the audio that /predict makes."""

from typing import Any

import httpx
import pytest

TASK = "text-to-speech"
TEXT = "the film was wonderful"


def say(url: str, path: str = "/v1/audio/speech", **fields: Any) -> httpx.Response:
    return httpx.post(url + path, json={"input": TEXT, **fields}, timeout=60)


def test_the_sound_is_a_wav_file_of_either_address(urls: dict[str, str]) -> None:
    said = say(urls[TASK], model="any", voice="alloy", speed=1)
    assert said.status_code == 200, said.text
    assert said.headers["content-type"] == "audio/wav"
    assert (said.content[:4], said.content[8:12]) == (b"RIFF", b"WAVE")
    assert say(urls[TASK], "/predict/v1/audio/speech", response_format="wav").status_code == 200
    assert "instructions" in say(urls[TASK], instructions="softly").headers["warning"]


def test_twice_as_fast_is_shorter(urls: dict[str, str]) -> None:
    slow, fast = (len(say(urls[TASK], speed=speed).content) for speed in (0.5, 4))
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
def test_what_cannot_be_done_is_refused(
    fields: dict[str, Any], code: str, urls: dict[str, str]
) -> None:
    refused = say(urls[TASK], **fields)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


def test_the_schema_says_that_it_is_a_sound(urls: dict[str, str]) -> None:
    paths = httpx.get(urls[TASK] + "/openapi.json").json()["paths"]
    contents = paths["/v1/audio/speech"]["post"]["responses"]["200"]["content"]
    assert contents == {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
