"""SpeechT5 with its vocoder and Bark on real servers, compared with transformers itself."""

import io
import json
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers

from backend.errors.inference import ClientGone, InvalidInput
from backend.inference.adapters.audio.voice_presets import VoicePresets
from backend.inference.loading import load
from backend.tasks.text_to_speech import Parameters
from tests.fakes import launch, model_servers
from tests.fakes.tiny_models.speech import SPEAKER_NUMBERS, VOICES

SPEECHT5 = "text-to-speech/speecht5"
BARK = "text-to-speech/bark"
TEXT = "the film was wonderful"
SPEAKER = [0.3, 0.1, 0.5, 0.0, 0.2, 0.1]
SIZES = {"semantic_prompt": (1, 30), "coarse_prompt": (2, 16), "fine_prompt": (2, 16)}


def samples_of(response: httpx.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    with wave.open(io.BytesIO(response.content)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_767


def generated_speech(folder: Path, text: str, speaker: Sequence[float], seed: int) -> np.ndarray:
    """What SpeechT5 of transformers returns, with its vocoder."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model: Any = transformers.SpeechT5ForTextToSpeech.from_pretrained(folder).eval()
    vocoder = transformers.SpeechT5HifiGan.from_pretrained(folder / "vocoder").eval()
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    torch.manual_seed(seed)
    with torch.inference_mode():
        made = model.generate_speech(ids, torch.tensor([speaker]), vocoder=vocoder)
    return made.clamp(-1, 1).numpy()


@pytest.mark.parametrize("speaker", [None, SPEAKER])
def test_speecht5_matches_generate_speech_with_same_seed(
    speaker: list[float] | None, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    given = {} if speaker is None else {"speaker_embeddings": speaker}
    found = samples_of(predict(SPEECHT5, TEXT, seed=7, **given))
    zeros = [0.0] * SPEAKER_NUMBERS
    expected = generated_speech(models[SPEECHT5], TEXT, speaker or zeros, 7)
    assert len(found) > 100
    assert found == pytest.approx(expected, abs=1e-4)


def test_speecht5_with_embeddings_differs_from_default_voice(
    predict: model_servers.Predict,
) -> None:
    plain = predict(SPEECHT5, TEXT, seed=7).content
    assert plain == predict(SPEECHT5, TEXT, seed=7).content
    assert plain != predict(SPEECHT5, TEXT, seed=8).content
    assert plain != predict(SPEECHT5, TEXT, seed=7, speaker_embeddings=SPEAKER).content


def test_speecht5_splits_longer_text_and_stops_on_disconnect(models: dict[str, Path]) -> None:
    adapter = load(launch.spec("text-to-speech", models[SPEECHT5]))
    prepared = adapter.encode(f"{TEXT}. " * 12, Parameters(seed=1))
    assert len(prepared.rows) > 3
    assert max(map(len, prepared.rows)) <= 60
    [raw] = adapter.forward([prepared])
    [begin] = adapter.forward([replace(prepared, rows=prepared.rows[:1])])
    assert raw[: len(begin)] == pytest.approx(begin, abs=1e-6)
    assert len(raw) > len(begin)
    steps = iter([False] * 3 + [True])
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(steps))])
    assert next(steps, None) is None


def test_vocoder_stays_in_float32(models: dict[str, Path]) -> None:
    adapter: Any = load(launch.spec("text-to-speech", models[SPEECHT5], dtype="bfloat16"))
    assert adapter._model.dtype == torch.bfloat16
    [raw] = adapter.forward([adapter.encode(TEXT, Parameters(seed=1))])
    assert raw.dtype == np.float32
    assert np.isfinite(raw).all()


def bark_speech(folder: Path, text: str, voice: str | None, **settings: object) -> np.ndarray:
    """What Bark of transformers returns, with its own processor."""
    processor = transformers.BarkProcessor.from_pretrained(folder, local_files_only=True)
    model: Any = transformers.BarkModel.from_pretrained(folder).eval()
    inputs = processor(text, voice_preset=voice, max_length=48)
    torch.manual_seed(7)
    with torch.inference_mode():
        made = model.generate(**inputs, **settings)
    return made[0].clamp(-1, 1).numpy()


@pytest.mark.parametrize("voice", [None, *VOICES])
def test_bark_matches_transformers_with_same_seed_and_voice(
    voice: str | None, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    given = {} if voice is None else {"voice": voice}
    found = samples_of(predict(BARK, TEXT, seed=7, **given))
    assert found == pytest.approx(bark_speech(models[BARK], TEXT, voice), abs=1e-4)


def test_bark_applies_settings_to_its_stages(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    given = {"max_new_tokens": 5, "temperature": 0.7, "top_k": 3}
    found = samples_of(predict(BARK, TEXT, seed=7, **given))
    expected = bark_speech(
        models[BARK], TEXT, None, semantic_max_new_tokens=5,
        semantic_temperature=0.7, coarse_temperature=0.7, semantic_top_k=3, coarse_top_k=3,
    )  # fmt: skip
    assert found == pytest.approx(expected, abs=1e-4)
    assert len(found) < len(samples_of(predict(BARK, TEXT, seed=7)))


def test_bark_without_sampling_does_not_depend_on_the_seed(predict: model_servers.Predict) -> None:
    made = [predict(BARK, TEXT, seed=seed, do_sample=False).content for seed in (1, 2)]
    assert made[0] == made[1]


def test_bark_lists_its_voices_and_openai_clients_name_them(urls: dict[str, str]) -> None:
    assert httpx.get(urls[BARK] + "/info").json()["model"]["voices"] == list(VOICES)
    url = urls[BARK] + "/v1/audio/speech"
    body = {"model": "bark", "input": TEXT, "speed": 1}
    # A name of OpenAI's voices is not one of the model: the default voice speaks.
    for voice in (VOICES[0], "alloy"):
        assert samples_of(httpx.post(url, json={**body, "voice": voice})).size


def test_bark_stops_on_disconnect(models: dict[str, Path]) -> None:
    adapter = load(launch.spec("text-to-speech", models[BARK]))
    steps = iter([False] * 4 + [True])
    prepared = adapter.encode(TEXT, Parameters(seed=1))
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(steps))])
    assert next(steps, None) is None


@pytest.mark.parametrize(
    ("name", "text", "more", "words"),
    [
        (SPEECHT5, TEXT, {"speaker_embeddings": [1.0]}, "has 1 numbers; this model requires 6"),
        (SPEECHT5, TEXT, {"speaker_embeddings": [1e9] * 6}, "speaker_embeddings"),
        (SPEECHT5, TEXT, {"speaker_embeddings": []}, "speaker_embeddings"),
        (SPEECHT5, TEXT, {"voice": "v2/en_speaker_0"}, "does not support voice"),
        (SPEECHT5, TEXT, {"speaker": 1}, "does not support speaker"),
        (SPEECHT5, TEXT, {"temperature": 0.5}, "does not support temperature"),
        (BARK, TEXT, {"voice": "nobody"}, "no voice 'nobody'; it has 2, for example v2/en_speaker"),
        (BARK, TEXT, {"voice": "repo_or_path"}, "no voice 'repo_or_path'"),
        (BARK, TEXT, {"num_beams": 2}, "does not support num_beams"),
        (BARK, TEXT, {"speaker_embeddings": SPEAKER}, "does not support speaker_embeddings"),
        (BARK, f"{TEXT} " * 20, {}, "80 tokens; this model takes at most 48"),
        ("text-to-speech", TEXT, {"voice": "a"}, "does not support voice"),
        ("text-to-speech/music", TEXT, {"voice": "a"}, "does not support voice"),
    ],
)
def test_unsupported_parameter_is_rejected_with_reason(
    name: str, text: str, more: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    refused = predict(name, text, **more)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def presets(folder: Path, arrays: dict[str, Any], **paths: str) -> VoicePresets:
    """One preset, `voice`, with these arrays, or with other paths."""
    listed = {part: paths.get(part, f"{part}.npy") for part in SIZES}
    (folder / "speaker_embeddings_path.json").write_text(json.dumps({"voice": listed}))
    plain: dict[str, Any] = {
        "semantic_prompt": np.zeros(4, np.int64),
        "coarse_prompt": np.zeros((2, 4), np.int64),
        "fine_prompt": np.zeros((4, 4), np.int64),
    }
    for part, array in {**plain, **arrays}.items():
        np.save(folder / f"{part}.npy", array, allow_pickle=True)
    return VoicePresets(folder, SIZES)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([{"a": 1}], object), "not an array of token ids"),
        (np.zeros((2, 4), np.int64), "not an array of token ids"),
        (np.zeros(4), "not an array of token ids"),
        (np.zeros(0, np.int64), "not an array of token ids"),
        (np.array([0, 30]), "token ids outside 0 to 30"),
        (np.array([-1, 3]), "token ids outside 0 to 30"),
    ],
)
def test_preset_with_other_content_is_rejected(array: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=words):
        presets(tmp_path, {"semantic_prompt": array}).load("voice")


@pytest.mark.parametrize("path", ["../outside.npy", "/etc/hostname", "missing.npy", "a/../../b"])
def test_preset_outside_the_folder_is_not_listed(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    np.save(tmp_path / "outside.npy", np.zeros(4, np.int64))
    assert presets(folder, {}, semantic_prompt=path).names == []
    assert presets(folder, {}).names == ["voice"]
