"""Settings of GenerationConfig in requests: the same output as `generate` called directly."""

import base64
import io
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import transformers
from PIL import Image

from backend.inference.media import read_audio
from backend.tasks.samples import png, wav
from tests.fakes import launch, model_servers, tiny_models

PROMPT = "Once upon a time"
# Only ids of ASCII characters, since the tiny models write bytes at random.
ASCII: dict[str, Any] = {"suppress_tokens": list(range(97, 259))}
# The first two tokens that the model writes.
T, TILDE = 86, 96
TEXT = "maria found the museum in kyoto on day 7."
NAMES = (
    "text-generation", "summarization", "image-to-text", "image-to-text/blip",
    "image-text-to-text", "automatic-speech-recognition/whisper",
    "automatic-speech-recognition/moonshine",
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("settings")
    found = {name: root / name.replace("/", "_") for name in NAMES}
    for name, folder in found.items():
        folder.mkdir()
        tiny_models.BUILDERS[name](folder)
    return found


@pytest.fixture(scope="module")
def served(
    folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    specs = {name: launch.spec(name.partition("/")[0], each) for name, each in folders.items()}
    with model_servers.all_serving(specs, tmp_path_factory.mktemp("served")) as urls:
        yield urls


@cache
def loaded(kind: str, folder: Path) -> tuple[Any, Any]:
    model = getattr(transformers, kind).from_pretrained(folder).eval()
    return model, transformers.AutoTokenizer.from_pretrained(folder)


def post(url: str, inputs: object, **parameters: Any) -> Any:
    response = httpx.post(
        url + "/predict", json={"inputs": inputs, "parameters": parameters}, timeout=60
    )
    assert response.status_code == 200, response.text
    return response.json()


def refusal(url: str, inputs: object, **parameters: Any) -> dict[str, Any]:
    body = {"inputs": inputs, "parameters": parameters}
    response = httpx.post(url + "/predict", json=body, timeout=60)
    assert response.status_code in {413, 422}, response.text
    return response.json()


def written(folder: Path, **settings: Any) -> list[str]:
    """What the causal model writes after the prompt, with `generate` of transformers."""
    model, tokenizer = loaded("AutoModelForCausalLM", folder)
    inputs = tokenizer(PROMPT, return_tensors="pt")
    seed = settings.pop("seed", None)
    if seed is not None:
        torch.manual_seed(seed)
        settings = {"do_sample": True, "top_k": 0, **settings}
    with torch.inference_mode():
        made = model.generate(**inputs, **settings, tokenizer=tokenizer)
    start = inputs.input_ids.shape[1]
    ends = settings.get("eos_token_id", [])
    ends = ends if isinstance(ends, list) else [ends]
    rows = [
        list(takewhile(lambda token: token not in ends, row)) for row in made[:, start:].tolist()
    ]
    return tokenizer.batch_decode(rows, skip_special_tokens=True)


@pytest.mark.parametrize(
    "settings",
    [
        {"max_length": 30},
        {"min_new_tokens": 4, "max_new_tokens": 9},
        {"min_length": 20, "max_new_tokens": 9, "eos_token_id": [1, TILDE]},
        {"num_beams": 3, "max_new_tokens": 12},
        {"num_beams": 4, "num_return_sequences": 3, "max_new_tokens": 12},
        {"num_beams": 3, "early_stopping": True, "length_penalty": 0.2, "max_new_tokens": 9,
         "eos_token_id": 70},
        {"num_beams": 2, "early_stopping": "never", "max_new_tokens": 9, "eos_token_id": 70},
        {"no_repeat_ngram_size": 1, "max_new_tokens": 20},
        {"repetition_penalty": 1.7, "max_new_tokens": 20},
        {"encoder_repetition_penalty": 3.0, "max_new_tokens": 12},
        {"encoder_no_repeat_ngram_size": 1, "max_new_tokens": 12},
        {"bad_words_ids": [[T], [TILDE, T]], "max_new_tokens": 12},
        {"suppress_tokens": [*range(3, 60), *range(97, 259)], "max_new_tokens": 12},
        {"begin_suppress_tokens": list(range(80, 97)), "max_new_tokens": 4},
        {"sequence_bias": [[[70], 1000.0]], "max_new_tokens": 4},
        {"forced_eos_token_id": 1, "max_new_tokens": 5},
        {"exponential_decay_length_penalty": [2, 9.0], "eos_token_id": 70, "max_new_tokens": 20},
        {"renormalize_logits": True, "remove_invalid_values": True, "max_new_tokens": 5},
        {"use_cache": False, "max_new_tokens": 6},
        {"guidance_scale": 1.8, "max_new_tokens": 8},
        {"pad_token_id": 5, "num_beams": 2, "max_new_tokens": 6, "eos_token_id": TILDE},
        {"watermarking_config": {"bias": 30.0, "greenlist_ratio": 0.3, "context_width": 2,
                                 "seeding_scheme": "selfhash"}, "max_new_tokens": 8},
        {"seed": 5, "temperature": 3.0, "max_new_tokens": 12},
        {"seed": 5, "min_p": 0.2, "max_new_tokens": 12},
        {"seed": 5, "top_h": 0.4, "max_new_tokens": 12},
        {"seed": 5, "epsilon_cutoff": 0.01, "max_new_tokens": 12},
        {"seed": 5, "eta_cutoff": 0.1, "max_new_tokens": 12},
        {"seed": 5, "typical_p": 0.6, "temperature": 2.0, "max_new_tokens": 12},
        {"seed": 5, "temperature": 3.0, "num_return_sequences": 3, "max_new_tokens": 9},
        {"seed": 5, "temperature": 3.0, "num_return_sequences": 3, "max_new_tokens": 9,
         "eos_token_id": list(range(60, 90))},
        {"seed": 5, "do_sample": True, "num_beams": 3, "num_return_sequences": 2,
         "max_new_tokens": 9},
    ],
    ids=lambda settings: "-".join(settings)[:60],
)  # fmt: skip
def test_text_generation_matches_generate(
    settings: dict[str, Any], served: dict[str, str], folders: dict[str, Path]
) -> None:
    settings = ASCII | settings
    made = post(served["text-generation"], PROMPT, **settings)
    expected = written(folders["text-generation"], **settings)
    assert [one["generated_text"] for one in made] == expected
    most = settings.get("max_new_tokens", 14)
    plain = written(folders["text-generation"], max_new_tokens=most, **ASCII)
    neutral = {"renormalize_logits", "use_cache", "max_length", "min_new_tokens"}
    assert expected != plain or neutral & settings.keys()


@pytest.mark.parametrize("beams", [1, 3])
def test_stop_strings_are_returned_and_stop_sequences_are_not(
    beams: int, served: dict[str, str], folders: dict[str, Path]
) -> None:
    settings = {"max_new_tokens": 20, "num_beams": beams, "repetition_penalty": 1.7, **ASCII}
    [whole] = written(folders["text-generation"], **settings)
    stop = whole[6:8]
    [expected] = written(folders["text-generation"], **settings, stop_strings=[stop])
    url = served["text-generation"]
    [made] = post(url, PROMPT, **settings, stop_strings=[stop], details=True)
    assert made["generated_text"] == expected
    if beams == 1:
        assert stop in expected
        assert made["details"]["finish_reason"] == "stop_sequence"
    [cut] = post(url, PROMPT, **settings, stop_sequences=[stop])
    assert cut["generated_text"] == expected.partition(stop)[0]
    assert post(url, PROMPT, **settings, stop_strings=stop)[0]["generated_text"] == expected


def test_several_inputs_return_list_of_lists(served: dict[str, str]) -> None:
    settings = {"num_beams": 2, "num_return_sequences": 2, "max_new_tokens": 6}
    both = post(served["text-generation"], [PROMPT, "two"], **settings)
    assert both == [post(served["text-generation"], one, **settings) for one in (PROMPT, "two")]
    assert [len(each) for each in both] == [2, 2]
    full = post(served["text-generation"], PROMPT, **settings, return_full_text=True)
    assert [one["generated_text"] for one in full] == [
        PROMPT + one["generated_text"] for one in both[0]
    ]


def test_details_of_beam_search_have_tokens_without_probabilities(served: dict[str, str]) -> None:
    [made] = post(served["text-generation"], PROMPT, num_beams=2, max_new_tokens=6, details=True)
    details = made["details"]
    assert (details["generated_tokens"], details["finish_reason"]) == (6, "length")
    assert "".join(token["text"] for token in details["tokens"]) == made["generated_text"]
    assert {token["logprob"] for token in details["tokens"]} == {None}


@pytest.mark.parametrize("beams", [1, 2])
def test_max_time_ends_generation_early(beams: int, served: dict[str, str]) -> None:
    settings = {"max_new_tokens": 200, "num_beams": beams, "details": True}
    [made] = post(served["text-generation"], PROMPT, **settings, max_time=1e-6)
    assert made["details"]["generated_tokens"] == 1
    assert made["details"]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"num_return_sequences": 2}, "set do_sample to true, or num_beams to at least 2"),
        ({"num_return_sequences": 3, "num_beams": 2}, "above num_beams"),
        ({"max_length": 16}, "includes the 16 tokens"),
        ({"eos_token_id": 10_000}, "eos_token_id: this model has 259 token ids"),
        ({"bad_words_ids": [[1], [2, 259]]}, "bad_words_ids"),
        ({"sequence_bias": [[[300], 1.0]]}, "sequence_bias"),
        ({"suppress_tokens": list(range(259))}, "exclude every token"),
        ({"suppress_tokens": [4], "forced_eos_token_id": 4}, "forced_eos_token_id"),
        ({"num_beams": 2, "guidance_scale": 2.0}, "guidance_scale"),
        ({"num_beams": 17}, "num_beams"),
        ({"num_return_sequences": 17}, "num_return_sequences"),
        ({"cache_implementation": "static"}, "key-value cache"),
        ({"assistant_early_exit": 3}, "second model"),
        ({"penalty_alpha": 0.6}, "code from the Hub"),
        ({"stop_sequences": ["a"], "stop": ["b"]}, "alias of `stop`"),
        ({"eos_token_id": -1}, "eos_token_id"),
        ({"eos_token_id": []}, "eos_token_id"),
        ({"sequence_bias": [[[3], "1"]]}, "sequence_bias"),
        ({"watermarking_config": {"seeding_scheme": "x"}}, "seeding_scheme"),
    ],
)
def test_setting_that_cannot_be_honoured_is_rejected(
    parameters: dict[str, Any], words: str, served: dict[str, str]
) -> None:
    problem = refusal(served["text-generation"], PROMPT, **parameters)
    assert words in problem["detail"]
    assert problem["remedy"]


def test_tokens_of_all_sequences_together_are_limited(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tiny_models.text_generation(tmp_path, positions=40_000)
    spec = launch.spec("text-generation", folder)
    with launch.serving(spec, tmp_path_factory.mktemp("long")) as running:
        url = f"http://127.0.0.1:{running.port}"
        problem = refusal(url, PROMPT, num_beams=16, max_new_tokens=30_000)
    assert (problem["code"], problem["status"]) == ("payload-too-large", 413)
    assert "16 sequences of 30,016 tokens" in problem["detail"]


@pytest.mark.parametrize("setting", [{"num_beams": 2}, {"num_return_sequences": 2, "top_k": 5}])
def test_stream_rejects_beams_and_several_sequences(
    setting: dict[str, Any], served: dict[str, str]
) -> None:
    for name, inputs in (("text-generation", PROMPT), ("image-text-to-text", {"text": "a"})):
        body = {"inputs": inputs, "parameters": setting, "stream": True}
        response = httpx.post(served[name] + "/predict", json=body, timeout=30)
        assert (response.status_code, response.json()["code"]) == (422, "option-not-supported")
        assert next(iter(setting)) in response.json()["remedy"]


SEQ2SEQ: list[dict[str, Any]] = [
    {"num_return_sequences": 2, "num_beams": 3, "max_new_tokens": 9},
    {"num_return_sequences": 3, "do_sample": True, "temperature": 3.0, "top_k": 0, "seed": 3,
     "max_new_tokens": 9},
    {"bad_words_ids": [[70], [80, 81]], "max_new_tokens": 9},
    {"forced_bos_token_id": 77, "suppress_tokens": [80], "max_new_tokens": 9},
    {"encoder_repetition_penalty": 2.0, "eos_token_id": 90, "max_new_tokens": 9},
    {"decoder_start_token_id": 80, "max_new_tokens": 9},
]  # fmt: skip


@pytest.mark.parametrize("settings", SEQ2SEQ, ids=lambda settings: next(iter(settings)))
def test_seq2seq_matches_generate(
    settings: dict[str, Any], served: dict[str, str], folders: dict[str, Path]
) -> None:
    folder = folders["summarization"]
    model, tokenizer = loaded("AutoModelForSeq2SeqLM", folder)
    plain = dict(settings)
    torch.manual_seed(plain.pop("seed", 0))
    with torch.inference_mode():
        made = model.generate(tokenizer(TEXT, return_tensors="pt").input_ids, **plain)
    expected = [{"summary_text": text} for text in tokenizer.batch_decode(made, True)]
    url = served["summarization"]
    assert post(url, TEXT, **settings) == expected
    assert post(url, TEXT, generate_parameters=settings) == expected
    both = post(url, [TEXT, TEXT], **settings)
    assert both == ([expected, expected] if len(expected) > 1 else expected * 2)


def test_seq2seq_stop_strings_end_text(served: dict[str, str]) -> None:
    url = served["summarization"]
    settings = {"max_new_tokens": 20, "num_beams": 1, "repetition_penalty": 1.7}
    [whole] = post(url, TEXT, **settings)
    stop = whole["summary_text"][4:6]
    [cut] = post(url, TEXT, **settings, stop_strings=stop)
    assert cut["summary_text"].endswith(stop)


@pytest.mark.parametrize("name", ["image-to-text", "image-to-text/blip"])
@pytest.mark.parametrize(
    "settings", [{"num_beams": 3, "num_return_sequences": 2}, {"no_repeat_ngram_size": 1}]
)
def test_image_to_text_matches_generate(
    name: str, settings: dict[str, Any], served: dict[str, str], folders: dict[str, Path]
) -> None:
    if name == "image-to-text":
        settings = ASCII | settings
    model, tokenizer = loaded("AutoModelForImageTextToText", folders[name])
    processor = transformers.AutoImageProcessor.from_pretrained(folders[name])
    image = Image.open(io.BytesIO(png(1))).convert("RGB")
    inputs = processor(images=image, return_tensors="pt")
    with torch.inference_mode():
        made = model.generate(**inputs, max_new_tokens=10, do_sample=False, **settings)
    expected = tokenizer.batch_decode(made, skip_special_tokens=True)
    packed = base64.b64encode(png(1)).decode()
    found = post(served[name], packed, max_new_tokens=10, **settings)
    assert [one["generated_text"] for one in found] == expected


def test_blip_sets_its_own_end(served: dict[str, str]) -> None:
    packed = base64.b64encode(png(1)).decode()
    problem = refusal(served["image-to-text/blip"], packed, eos_token_id=5)
    assert "set by this model itself" in problem["detail"]


def test_image_text_to_text_matches_generate(
    served: dict[str, str], folders: dict[str, Path]
) -> None:
    folder = folders["image-text-to-text"]
    model, _ = loaded("AutoModelForImageTextToText", folder)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    image = Image.open(io.BytesIO(png(1))).convert("RGB")
    inputs = processor(text="<image>what is it?", images=[image], return_tensors="pt")
    settings = {"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": 8, **ASCII}
    with torch.inference_mode():
        made = model.generate(**inputs, **settings)
    start = inputs["input_ids"].shape[1]
    expected = processor.tokenizer.batch_decode(made[:, start:], skip_special_tokens=True)
    packed = base64.b64encode(png(1)).decode()
    item = {"image": packed, "text": "<image>what is it?"}
    found = post(served["image-text-to-text"], item, **settings)
    assert [one["generated_text"] for one in found] == expected


@pytest.mark.parametrize(
    "settings",
    [
        {"no_repeat_ngram_size": 1, "max_new_tokens": 20},
        {"num_beams": 2, "length_penalty": 3.0, "max_new_tokens": 12},
        {"bad_words_ids": [[70], [71]], "suppress_tokens": [80, 81], "max_new_tokens": 12},
    ],
)
def test_speech_recognition_matches_generate(
    settings: dict[str, Any], served: dict[str, str], folders: dict[str, Path]
) -> None:
    audio = wav(1)
    packed = base64.b64encode(audio).decode()
    for name in ("automatic-speech-recognition/whisper", "automatic-speech-recognition/moonshine"):
        found = post(served[name], packed, **settings)["text"]
        assert found.strip() == transcript(folders[name], audio, settings).strip()
    nested = post(served[name], packed, generation_parameters=settings)["text"]
    assert nested == found


def transcript(folder: Path, audio: bytes, settings: dict[str, Any]) -> str:
    model: Any = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(folder).eval()
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    samples = read_audio(audio, extractor.sampling_rate)
    inputs = extractor(
        samples, sampling_rate=extractor.sampling_rate, return_tensors="pt",
        return_attention_mask=True,
    )  # fmt: skip
    with torch.inference_mode():
        made = model.generate(**inputs, **settings)
    return tokenizer.decode(made[0], skip_special_tokens=True)
