"""Parakeet, streaming Moonshine and MMS on real servers, compared with transformers itself."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from backend.errors.inference import ClientGone
from backend.errors.server import LoadFailed
from backend.inference.loading import load
from backend.inference.media import read_audio
from backend.tasks import TASKS
from backend.tasks.samples import wav
from tests.fakes import launch, model_servers
from tests.fakes.audio import RATE, as_wav, joined
from tests.fakes.tiny_models import recognition

TASK = "automatic-speech-recognition"
CTC, TDT, RNNT = (f"{TASK}/parakeet-{kind}" for kind in ("ctc", "tdt", "rnnt"))
STREAMING = f"{TASK}/moonshine-streaming"
MMS = f"{TASK}/mms"
PARAMETERS: Any = TASKS[TASK].parameters


def packed(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parakeet_ctc_matches_generate(
    seed: int, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    processor: Any = transformers.AutoProcessor.from_pretrained(models[CTC])
    model: Any = transformers.ParakeetForCTC.from_pretrained(models[CTC]).eval()
    inputs = processor(read_audio(wav(seed), RATE), sampling_rate=RATE)
    with torch.inference_mode():
        [expected] = processor.batch_decode(model.generate(**inputs), skip_special_tokens=True)
    response = predict(CTC, packed(wav(seed)), return_timestamps="word").json()
    assert response["text"] == expected
    assert expected
    assert " ".join(chunk["text"] for chunk in response["chunks"]) == expected


def test_frame_that_the_extractor_adds_after_the_audio_has_no_text(models: dict[str, Path]) -> None:
    """The mask of the features covers fewer frames than the model returns for some durations."""
    adapter: Any = load(launch.spec(TASK, models[CTC]))
    processor: Any = transformers.AutoProcessor.from_pretrained(models[CTC])
    model: Any = transformers.ParakeetForCTC.from_pretrained(models[CTC]).eval()
    masked = 0
    for extra in range(0, 1280, 160):
        audio = as_wav(np.concatenate([read_audio(wav(1), RATE), np.zeros(extra, np.float32)]))
        inputs = processor(read_audio(audio, RATE), sampling_rate=RATE)
        with torch.inference_mode():
            expected = model.generate(**inputs)[0].tolist()
            plain = model(**inputs).logits[0].argmax(-1).tolist()
        masked += plain != expected
        [[found]] = adapter.forward([adapter.encode(audio, PARAMETERS())])
        assert found.tolist() == expected
    assert masked


@pytest.mark.parametrize("name", [TDT, RNNT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_transducer_text_and_times_match_processor(
    name: str, seed: int, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    processor: Any = transformers.AutoProcessor.from_pretrained(models[name])
    kind = transformers.ParakeetForTDT if name == TDT else transformers.ParakeetForRNNT
    model: Any = kind.from_pretrained(models[name]).eval()
    inputs = processor(read_audio(wav(seed), RATE), sampling_rate=RATE)
    with torch.inference_mode():
        made = model.generate(**inputs, max_new_tokens=1000)
    [text], [tokens] = processor.decode(
        made.sequences, durations=made.durations, skip_special_tokens=True
    )
    response = predict(name, packed(wav(seed)), return_timestamps="char").json()
    assert response["text"] == text.strip()
    assert text.strip()
    assert [one["text"] for one in response["chunks"]] == [one["token"] for one in tokens]
    found = np.array([one["timestamp"] for one in response["chunks"]])
    expected = np.array([[one["start"], one["end"]] for one in tokens])
    assert found == pytest.approx(expected, abs=1e-3)
    words = predict(name, packed(wav(seed)), return_timestamps=True).json()["chunks"]
    assert " ".join(one["text"] for one in words) == text.strip()
    assert words[0]["timestamp"][0] == found[0][0]
    assert words[-1]["timestamp"][1] == found[-1][1]


def test_transducer_splits_long_audio_and_stops_on_disconnect(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models[TDT]))
    parameters = PARAMETERS(return_timestamps="word")
    prepared = adapter.encode(joined([wav(i) for i in range(70)]), parameters)
    assert len(prepared.rows) >= 3
    [raw] = adapter.forward([prepared])
    answer = adapter.decode(raw, prepared, parameters)
    times = [chunk["timestamp"][0] for chunk in answer["chunks"]]
    assert times == sorted(times)
    assert 65 < times[-1] < 71
    steps = iter([False] * 4 + [True])
    with pytest.raises(ClientGone):
        adapter.forward([replace(prepared, stop=lambda: next(steps))])


@pytest.mark.parametrize("name", [CTC, TDT, RNNT, STREAMING, MMS])
def test_batch_matches_single_requests(
    name: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    audios = [wav(1), wav(2), wav(3)]
    adapter: Any = load(launch.spec(TASK, models[name]))
    prepared = [adapter.encode(audio, PARAMETERS()) for audio in audios]
    assert len({one.key for one in prepared}) == 1
    together = [
        adapter.decode(raw, one, PARAMETERS())
        for raw, one in zip(adapter.forward(prepared), prepared, strict=True)
    ]
    assert together == [predict(name, packed(audio)).json() for audio in audios]


@pytest.mark.parametrize("length", [16_000, 16_007, 12_345])
def test_streaming_moonshine_matches_its_processor(
    length: int, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    folder = models[STREAMING]
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    processor: Any = transformers.MoonshineStreamingProcessor(extractor, tokenizer)
    kind: Any = transformers.MoonshineStreamingForConditionalGeneration
    samples = read_audio(as_wav(np.resize(read_audio(wav(1), RATE), length)), RATE)
    inputs = processor(samples, sampling_rate=RATE)
    assert inputs["input_values"].shape[1] % 80 == 0
    with torch.inference_mode():
        ids = kind.from_pretrained(folder).eval().generate(**inputs)
    response = predict(STREAMING, packed(as_wav(samples)))
    assert response.json() == {"text": tokenizer.decode(ids[0], skip_special_tokens=True).strip()}
    assert response.json()["text"]


def mms_text(folder: Path, language: str, audio: bytes) -> str:
    """What transformers returns with load_adapter and set_target_lang."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.set_target_lang(language)
    extractor: Any = transformers.AutoFeatureExtractor.from_pretrained(folder)
    model: Any = transformers.Wav2Vec2ForCTC.from_pretrained(folder).eval()
    model.load_adapter(language, local_files_only=True, use_safetensors=True)
    inputs = extractor(read_audio(audio, RATE), sampling_rate=RATE, return_tensors="pt")
    with torch.inference_mode():
        return tokenizer.decode(model(**inputs).logits[0].argmax(-1).tolist())


def test_mms_uses_adapter_and_vocabulary_of_the_requested_language(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    expected = {one: mms_text(models[MMS], one, wav(1)) for one in recognition.LANGUAGES}
    assert len(set(expected.values())) == 3
    for language in ("fra", "eng", "deu", "fra"):
        found = predict(MMS, packed(wav(1)), language=language).json()["text"]
        assert found == expected[language]
    assert predict(MMS, packed(wav(1))).json()["text"] == expected["eng"]
    assert predict(MMS, packed(wav(1)), target_lang="deu").json()["text"] == expected["deu"]
    words = predict(MMS, packed(wav(1)), language="fra", return_timestamps="word").json()
    assert " ".join(one["text"] for one in words["chunks"]) == expected["fra"]


def test_mms_requests_in_several_languages_at_once(
    urls: dict[str, str], models: dict[str, Path]
) -> None:
    form = {"file": ("a.wav", wav(2), "audio/wav")}
    url = urls[MMS] + "/v1/audio/transcriptions"
    for language in ("deu", "fra"):
        body = {"model": "mms", "language": language}
        text = httpx.post(url, files=form, data=body, timeout=60).json()["text"]
        assert text == mms_text(models[MMS], language, wav(2))
    found = httpx.get(urls[MMS] + "/info").json()["model"]
    assert found["languages"] == ["deu", "eng", "fra"]
    assert found["default_language"] == "eng"


@pytest.fixture
def without(models: dict[str, Path], tmp_path: Path) -> Path:
    """MMS without adapters in its folder."""
    for path in models[MMS].iterdir():
        if not path.name.startswith("adapter."):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def test_mms_without_adapters_has_its_own_language(models: dict[str, Path], without: Path) -> None:
    adapter = load(launch.spec(TASK, without))
    assert adapter.facts()["languages"] == ["eng"]
    prepared = adapter.encode(wav(1), PARAMETERS())
    [raw] = adapter.forward([prepared])
    answer = adapter.decode(raw, prepared, PARAMETERS())
    assert answer["text"] == mms_text(models[MMS], "eng", wav(1))


def test_adapter_of_another_model_is_rejected(models: dict[str, Path], without: Path) -> None:
    tensors = load_file(models[MMS] / "adapter.fra.safetensors")
    name = next(one for one in sorted(tensors) if not one.startswith("lm_head"))
    path = without / "adapter.fra.safetensors"
    save_file({**tensors, name: torch.zeros(3)}, path, {"format": "pt"})
    with pytest.raises(LoadFailed, match="has another shape than the model"):
        load(launch.spec(TASK, without))
    save_file({one: tensors[one] for one in tensors if one != name}, path, {"format": "pt"})
    with pytest.raises(LoadFailed, match="is not a language adapter of this model"):
        load(launch.spec(TASK, without))


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        (TDT, {"language": "fra"}, "transducer and does not support language"),
        (RNNT, {"temperature": 0.5}, "transducer and does not support temperature"),
        (CTC, {"language": "fra"}, "CTC model and does not support language"),
        (MMS, {"language": "spa"}, "'spa' is not deployed; this deployment has deu, eng, fra"),
        (MMS, {"task": "translate"}, "does not support task"),
        (STREAMING, {"return_timestamps": True}, "no timestamps"),
    ],
)
def test_unsupported_parameter_is_rejected_with_reason(
    name: str, more: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    refused = predict(name, packed(wav(1)), **more)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
