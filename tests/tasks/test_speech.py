"""automatic-speech-recognition on real servers: text, times, long audio, languages, refusals."""

import base64
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient

from backend.inference.loading import load
from backend.inference.media import read_audio
from backend.tasks import TASKS
from backend.tasks.samples import wav
from tests.fakes import launch, model_servers
from tests.fakes.audio import RATE, as_wav, joined

TASK = "automatic-speech-recognition"
WHISPER = f"{TASK}/whisper"
MOONSHINE = f"{TASK}/moonshine"


def packed(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


@pytest.fixture(scope="module")
def long() -> bytes:
    return joined([wav(i) for i in range(75)])


def loaded(folder: Path, kind: str) -> tuple[Any, Any, Any]:
    """Model, feature extractor and tokenizer, without us."""
    return (
        getattr(transformers, kind).from_pretrained(folder).eval(),
        transformers.AutoFeatureExtractor.from_pretrained(folder),
        transformers.AutoTokenizer.from_pretrained(folder),
    )


def test_ctc_text_matches_model(predict: model_servers.Predict, models: dict[str, Path]) -> None:
    model, extractor, tokenizer = loaded(models[TASK], "AutoModelForCTC")
    for seed in (1, 2, 3):
        samples = read_audio(wav(seed), RATE)
        with torch.inference_mode():
            logits = model(**extractor(samples, sampling_rate=RATE, return_tensors="pt")).logits
        text = predict(TASK, packed(wav(seed))).json()["text"]
        assert text == tokenizer.decode(logits[0].argmax(-1).tolist())
        assert text


@pytest.mark.parametrize("times", ["word", "char"])
def test_ctc_timestamps_of_long_audio_match_pipeline(
    times: str, predict: model_servers.Predict, models: dict[str, Path], long: bytes
) -> None:
    pipeline: Any = transformers.pipeline(TASK, model=str(models[TASK]))
    for audio in (wav(1), long):
        theirs = pipeline(read_audio(audio, RATE), return_timestamps=times, chunk_length_s=30)
        ours = predict(TASK, packed(audio), return_timestamps=times).json()
        assert ours["text"] == theirs["text"]
        assert [c["text"] for c in ours["chunks"]] == [c["text"] for c in theirs["chunks"]]
        found, expected = ([c["timestamp"] for c in a["chunks"]] for a in (ours, theirs))
        assert np.array(found) == pytest.approx(np.array(expected, float), abs=1e-3)
    assert ours["chunks"][-1]["timestamp"][1] > 74


def test_return_timestamps_true_means_word_and_works_in_query(
    predict: model_servers.Predict, urls: dict[str, str]
) -> None:
    words = predict(TASK, packed(wav(1)), return_timestamps="word").json()
    url = urls[TASK] + "/predict"
    assert httpx.post(url + "?return_timestamps=true", content=wav(1)).json() == words
    assert httpx.post(url + "?return_timestamps=word", content=wav(1)).json() == words
    assert " ".join(chunk["text"] for chunk in words["chunks"]) == words["text"]
    assert len(words["chunks"]) > 1


@pytest.mark.parametrize("name", [TASK, WHISPER, MOONSHINE])
def test_batch_matches_single_requests(
    name: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    audios = [wav(1), wav(2), wav(3)]
    adapter: Any = load(launch.spec(TASK, models[name]))
    parameters = TASKS[TASK].parameters()
    prepared = [adapter.encode(audio, parameters) for audio in audios]
    assert len({one.key for one in prepared}) == 1
    together = [
        adapter.decode(raw, one, parameters)
        for raw, one in zip(adapter.forward(prepared), prepared, strict=True)
    ]
    assert together == [predict(name, packed(audio)).json() for audio in audios]
    assert together == predict(name, [packed(audio) for audio in audios]).json()
    broken = predict(name, [packed(wav(1)), packed(b"RIFF")]).json()
    assert broken["detail"].startswith("inputs[1]: ")


@pytest.mark.parametrize(
    "more", [{}, {"language": "german"}, {"task": "translate"}, {"num_beams": 3}]
)
def test_whisper_text_matches_model_generate(
    more: dict[str, Any], predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model, extractor, tokenizer = loaded(models[WHISPER], "AutoModelForSpeechSeq2Seq")
    features = extractor(read_audio(wav(1), RATE), sampling_rate=RATE, return_tensors="pt")
    with torch.inference_mode():
        ids = model.generate(features["input_features"], **more)
    ours = predict(WHISPER, packed(wav(1)), **more).json()
    assert ours == {"text": tokenizer.decode(ids[0], skip_special_tokens=True)}
    assert ours["text"]


def test_whisper_returns_segments_and_words_for_audio_of_any_length(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model, extractor, tokenizer = loaded(models[WHISPER], "AutoModelForSpeechSeq2Seq")
    audio = joined([wav(i) for i in range(5)])
    features = extractor(
        read_audio(audio, RATE), sampling_rate=RATE, return_tensors="pt", truncation=False,
        padding="longest", return_attention_mask=True,
    )  # fmt: skip
    with torch.inference_mode():
        made = model.generate(**features, return_timestamps=True, return_segments=True)
    [segments] = made["segments"]
    ours = predict(WHISPER, packed(audio), return_timestamps=True).json()
    assert [chunk["text"] for chunk in ours["chunks"]] == [
        tokenizer.decode(segment["tokens"], skip_special_tokens=True) for segment in segments
    ]
    for chunk, segment in zip(ours["chunks"], segments, strict=True):
        start, end = (min(5.0, float(segment[side])) for side in ("start", "end"))
        assert chunk["timestamp"] == pytest.approx([start, end], abs=0.01)
    assert ours["chunks"][-1]["timestamp"][0] >= 4
    assert predict(WHISPER, packed(audio)).json()["text"] == ours["text"]
    words = predict(WHISPER, packed(audio), return_timestamps="word").json()["chunks"]
    assert len(words) > len(ours["chunks"])
    times = [time for word in words for time in word["timestamp"]]
    assert all(0 <= time <= 5 for time in times)
    assert max(times) > 4


def test_whisper_word_timestamps_match_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    pipeline: Any = transformers.pipeline(TASK, model=str(models[WHISPER]))
    theirs = pipeline(
        read_audio(wav(1), RATE), return_timestamps="word", generate_kwargs={"num_beams": 1}
    )
    ours = predict(WHISPER, packed(wav(1)), return_timestamps="word").json()
    # What lies behind the audio is nonsense, and the pipeline puts it together otherwise.
    inside = [c for c in ours["chunks"] if c["timestamp"][1] < 1]
    expected = [c for c in theirs["chunks"] if c["timestamp"][1] < 1]
    assert [c["text"] for c in inside] == [c["text"] for c in expected]
    assert [t for c in inside for t in c["timestamp"]] == pytest.approx(
        [t for c in expected for t in c["timestamp"]], abs=0.01
    )
    assert len(inside) > 2
    assert predict(WHISPER, packed(wav(1))).json() == predict(WHISPER, packed(wav(1))).json()


def test_moonshine_matches_model_generate_and_splits_long_audio(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    model, extractor, tokenizer = loaded(models[MOONSHINE], "AutoModelForSpeechSeq2Seq")
    silence = np.zeros(RATE, np.float32)
    tones = np.concatenate([read_audio(wav(i), RATE) for i in range(22)])
    long = as_wav(np.concatenate([tones, silence, tones]))
    expected: list[str] = []
    middle = len(tones) + RATE // 100
    samples = read_audio(long, RATE)
    for part in (samples[:middle], samples[middle:]):
        with torch.inference_mode():
            ids = model.generate(**extractor(part, sampling_rate=RATE, return_tensors="pt"))
        expected.append(tokenizer.decode(ids[0], skip_special_tokens=True).strip())
    assert predict(MOONSHINE, packed(long)).json() == {"text": " ".join(expected)}


def test_generation_parameters_are_accepted_under_both_names(
    predict: model_servers.Predict,
) -> None:
    plain = predict(WHISPER, packed(wav(1))).json()["text"]
    for name in ("generation_parameters", "generate_kwargs"):
        short = predict(WHISPER, packed(wav(1)), **{name: {"max_new_tokens": 3}}).json()["text"]
        assert plain.startswith(short)
        assert len(short) < len(plain)
    sampling = {"do_sample": True, "temperature": 2.0, "top_k": 200}
    first = predict(WHISPER, packed(wav(1)), generation_parameters={**sampling, "seed": 1}).json()
    assert first == predict(WHISPER, packed(wav(1)), **sampling, seed=1).json()
    assert first != predict(WHISPER, packed(wav(1)), **sampling, seed=2).json()
    for zero in ({"temperature": 0}, {"temperature": 0, "do_sample": True, "top_p": 0.4}):
        assert predict(WHISPER, packed(wav(1)), **zero).json()["text"] == plain
    assert predict(WHISPER, packed(wav(1)), top_p=1.0, top_k=0).json()["text"] == plain
    plainly = {"do_sample": True, "top_k": 200}
    texts = [
        predict(WHISPER, packed(wav(1)), **plainly, seed=seed).json()["text"] for seed in range(3)
    ]
    assert len(set(texts)) > 1
    for bad in ({"nobody": 1}, {"num_beams": 99}, 3):
        assert predict(WHISPER, packed(wav(1)), generation_parameters=bad).status_code == 422


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        (TASK, {"language": "en"}, "does not support language"),
        (TASK, {"num_beams": 2}, "does not support num_beams"),
        (MOONSHINE, {"return_timestamps": True}, "no timestamps"),
        (MOONSHINE, {"task": "translate"}, "does not support task"),
        (WHISPER, {"return_timestamps": "char"}, "segments"),
        (WHISPER, {"language": "klingon"}, "supported: de, en, ja"),
        (WHISPER, {"max_new_tokens": 61}, "at most 60"),
        (WHISPER, {"top_k": 5}, "top_k: no effect without do_sample"),
        (MOONSHINE, {"temperature": 2, "eta_cutoff": 0.1}, "temperature, eta_cutoff: no effect"),
    ],
)
def test_unsupported_parameter_is_rejected_with_reason(
    name: str, more: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    refused = predict(name, packed(wav(1)), **more)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


def test_huggingface_client_parses_response(urls: dict[str, str]) -> None:
    ctc = InferenceClient(model=urls[TASK] + "/predict", timeout=30)
    assert ctc.automatic_speech_recognition(wav(1)).text
    timed = ctc.automatic_speech_recognition(wav(1), extra_body={"return_timestamps": "word"})
    assert timed.chunks
    assert timed.chunks[0].timestamp[0] >= 0
    whisper = InferenceClient(model=urls[WHISPER] + "/predict", timeout=30)
    more = {"return_timestamps": True, "generation_parameters": {"num_beams": 2}}
    assert whisper.automatic_speech_recognition(wav(1), extra_body=more).chunks
