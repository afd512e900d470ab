"""text-to-speech on real servers: WAV files that can be repeated, voices, refusals."""

import base64
import io
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient

from backend.errors.inference import ClientGone
from backend.inference.adapters.audio.waveform import split_text
from backend.inference.loading import load
from backend.tasks.text_to_speech import Parameters
from tests.fakes import launch, model_servers

TASK = "text-to-speech"
TEXT_TO_AUDIO = f"{TASK}/music"
TEXT = "the film was wonderful"


def samples_of(body: bytes) -> tuple[np.ndarray, int]:
    """Samples between -1 and 1, and the rate."""
    with wave.open(io.BytesIO(body)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return frames / 32_767, file.getframerate()


def test_speech_matches_model_output_with_same_seed(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model: Any = transformers.AutoModelForTextToWaveform.from_pretrained(models[TASK])
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TASK])
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    torch.manual_seed(7)
    with torch.inference_mode():
        expected = model(ids, speaker_id=1, speaking_rate=model.speaking_rate).waveform[0]
    response = predict(TASK, TEXT, seed=7, speaker=1)
    assert response.headers["content-type"] == "audio/wav"
    samples, rate = samples_of(response.content)
    assert rate == 16_000
    assert samples == pytest.approx(expected.clamp(-1, 1).numpy(), abs=1e-4)


def test_text_to_audio_matches_model_output_with_same_seed(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    kind = transformers.AutoModelForTextToWaveform
    model: Any = kind.from_pretrained(models[TEXT_TO_AUDIO]).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[TEXT_TO_AUDIO])
    ids = torch.tensor([tokenizer(TEXT)["input_ids"]])
    torch.manual_seed(7)
    with torch.inference_mode():
        expected = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12
        )[0, 0]
    response = predict(TEXT_TO_AUDIO, TEXT, seed=7, generation_parameters={"max_new_tokens": 12})
    samples, rate = samples_of(response.content)
    assert rate == 8_000
    assert samples == pytest.approx(expected.clamp(-1, 1).numpy(), abs=1e-4)


@pytest.mark.parametrize("name", [TASK, TEXT_TO_AUDIO])
def test_output_repeats_only_with_same_seed(name: str, predict: model_servers.Predict) -> None:
    first = predict(name, TEXT, seed=1).content
    assert first == predict(name, TEXT, seed=1).content
    assert len({first, predict(name, TEXT, seed=2).content, predict(name, TEXT).content}) == 3


def test_speaker_and_speed_change_audio(predict: model_servers.Predict) -> None:
    plain, other = (predict(TASK, TEXT, seed=1, speaker=n).content for n in (0, 1))
    assert plain != other
    slow, fast = (samples_of(predict(TASK, TEXT, seed=1, speed=s).content)[0] for s in (0.5, 2.0))
    assert len(slow) > 1.5 * len(fast)


def test_long_text_is_split_and_stops_on_disconnect(
    models: dict[str, Path],
) -> None:
    adapter = load(launch.spec(TASK, models[TASK]))
    text = " ".join(f"{TEXT}." for _ in range(40))
    slow, fast = (Parameters(seed=1, speed=speed) for speed in (0.25, 4.0))
    assert len(adapter.encode(text, fast).rows) == 1
    prepared = adapter.encode(text, slow)
    assert len(prepared.rows) > 5
    [raw] = adapter.forward([prepared])
    first = replace(prepared, rows=prepared.rows[:1])
    [begin] = adapter.forward([first])
    assert raw[: len(begin)] == pytest.approx(begin, abs=1e-6)
    assert len(raw) > 5 * len(begin)
    passes = iter([False, False, True])
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(passes))])


def test_split_text_prefers_sentences_clauses_words_and_keeps_every_character() -> None:
    assert split_text("One two. Three, four", 12) == ["One two. ", "Three, four"]
    assert split_text("One, two three", 8) == ["One, ", "two ", "three"]
    assert split_text("abcdefgh", 3) == ["abc", "def", "gh"]
    assert split_text("short", 5) == ["short"]


def test_batch_returns_list_of_base64_files(
    predict: model_servers.Predict,
) -> None:
    response = predict(TASK, [TEXT, "maria moved"], seed=1).json()
    assert [file["content-type"] for file in response] == ["audio/wav"] * 2
    bodies = [base64.b64decode(file["blob"]) for file in response]
    assert bodies == [predict(TASK, text, seed=1).content for text in (TEXT, "maria moved")]
    assert (
        predict(TASK, [TEXT, "?!"])
        .json()["detail"]
        .startswith("inputs[1]: The text contains no character")
    )


@pytest.mark.parametrize(
    ("name", "text", "more", "words"),
    [
        (TASK, TEXT, {"speaker": 2}, "this model has 2"),
        (TASK, TEXT, {"do_sample": True}, "does not support do_sample"),
        (TASK, "", {}, "empty"),
        (TASK, "a" * 5001, {}, "5,001 characters; the limit for speech is 5,000"),
        (TASK, TEXT, {"speed": 9}, "speed"),
        (TEXT_TO_AUDIO, TEXT, {"speaker": 1}, "does not support speaker"),
        (TEXT_TO_AUDIO, TEXT, {"nobody": 1}, "nobody"),
        (TEXT_TO_AUDIO, TEXT, {"num_beams": 2}, "num_beams is 2; this model supports 1"),
        (
            TEXT_TO_AUDIO,
            TEXT,
            {"do_sample": False, "top_k": 5},
            "top_k: no effect without do_sample",
        ),
    ],
)
def test_unsupported_parameter_is_rejected_with_reason(
    name: str, text: str, more: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    refused = predict(name, text, **more)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_huggingface_client_gets_audio_file(urls: dict[str, str]) -> None:
    text_to_speech = InferenceClient(model=urls[TASK] + "/predict", timeout=30)
    assert samples_of(text_to_speech.text_to_speech(TEXT))[0].size
    text_to_audio = InferenceClient(model=urls[TEXT_TO_AUDIO] + "/predict", timeout=30)
    body = text_to_audio.text_to_speech(
        TEXT, max_new_tokens=8, do_sample=True, extra_body={"seed": 5}
    )
    assert body == httpx.post(
        urls[TEXT_TO_AUDIO] + "/predict",
        json={"inputs": TEXT, "parameters": {"max_new_tokens": 8, "do_sample": True, "seed": 5}},
    ).content  # fmt: skip
