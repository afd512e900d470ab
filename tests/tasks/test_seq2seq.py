"""summarization, translation and text2text-generation on real servers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from huggingface_hub import InferenceClient

from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.generation.seq2seq import Seq2Seq
from backend.inference.adapters.generation.seq2seq_settings import seq2seq_settings
from backend.tasks import seq2seq, translation
from tests.fakes import launch, model_servers

TEXT = "maria found the museum in kyoto on day 7."
OTHER = "the film was boring"
LONG = "the film was boring. " * 20
RESULT_FIELDS = {
    "summarization": "summary_text",
    "translation": "translation_text",
    "text2text-generation": "generated_text",
}


def direct(folder: Path, text: str, **settings: Any) -> str:
    """What the model writes when generate is called by hand."""
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if language := settings.pop("src_lang", None):
        tokenizer.src_lang = language
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.inference_mode():
        return tokenizer.decode(model.generate(ids, **settings)[0], skip_special_tokens=True)


@pytest.mark.parametrize(
    ("name", "parameters", "prefix", "settings"),
    [
        ("text2text-generation", {"max_length": 12}, "", {"max_length": 12}),
        ("summarization", {}, "", {}),
        ("summarization/t5", {}, "summarize: ", {"max_length": 12, "num_beams": 2}),
        ("translation", {}, "", {}),
        ("translation/t5", {}, "translate English to German: ", {"max_length": 9}),
        ("translation/m2m", {}, "", {}),
    ],
)
def test_generation_defaults_come_from_model_files(
    name: str,
    parameters: dict[str, Any],
    prefix: str,
    settings: dict[str, Any],
    predict: model_servers.Predict,
    models: dict[str, Path],
) -> None:
    [result] = predict(name, TEXT, **parameters).json()
    assert result == {
        RESULT_FIELDS[name.partition("/")[0]]: direct(models[name], prefix + TEXT, **settings)
    }
    both = predict(name, [TEXT, OTHER], **parameters).json()
    assert both == [result, *predict(name, OTHER, **parameters).json()]


def test_default_length_is_256_tokens_or_max_positions() -> None:
    assert seq2seq_settings(seq2seq.Parameters(), {}, None).most == 256
    assert seq2seq_settings(seq2seq.Parameters(), {}, 64).most == 64
    # A default minimum above the requested maximum is lowered to it.
    short = seq2seq_settings(seq2seq.Parameters(max_length=9), {"min_length": 56}, None)
    settings = json.loads(short.settings)
    assert (settings["max_length"], settings["min_length"]) == (9, 9)


@pytest.mark.parametrize(
    ("settings", "same"),
    [
        ({"max_new_tokens": 9}, {"max_new_tokens": 9, "min_length": 0}),
        ({"max_length": 9, "min_new_tokens": 4}, {"max_length": 9, "min_length": 5}),
        ({"num_beams": 2, "early_stopping": True, "length_penalty": 0.5}, {}),
        ({"num_beams": 2, "early_stopping": "never"}, {}),
        ({"num_beams": 1, "repetition_penalty": 1.5, "no_repeat_ngram_size": 2}, {}),
        ({"encoder_no_repeat_ngram_size": 1, "min_length": 10}, {}),
    ],
)
def test_generate_parameters_are_passed_to_model(
    settings: dict[str, Any],
    same: dict[str, Any],
    predict: model_servers.Predict,
    models: dict[str, Path],
) -> None:
    [result] = predict("summarization", TEXT, generate_parameters=settings).json()
    assert result["summary_text"] == direct(models["summarization"], TEXT, **same or settings)


def test_length_parameters_work_at_root_and_sampling_varies(predict: model_servers.Predict) -> None:
    short = predict("summarization", TEXT, max_length=8, min_length=0).json()
    assert short == predict("summarization", TEXT, generate_parameters={"max_new_tokens": 7}).json()
    sampling = {
        "do_sample": True,
        "temperature": 5.0,
        "top_k": 200,
        "top_p": 0.99,
        "typical_p": 0.9,
    }
    sampled = {
        predict("summarization", TEXT, generate_parameters=sampling).json()[0]["summary_text"]
        for _ in range(4)
    }
    assert len(sampled) > 1


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"generate_parameters": {"tokens": 3}}, "tokens"),
        ({"generate_parameters": {"num_beams": 17}}, "num_beams"),
        ({"generate_parameters": {"num_beams": "2"}}, "num_beams"),
        ({"generate_parameters": {"top_p": 0.5}}, "top_p: no effect without do_sample"),
        ({"min_length": 9, "max_length": 5}, "minimum of 8 tokens is above the maximum of 4"),
        ({"max_length": 300}, "299 tokens are requested; this model generates at most 255"),
        ({"truncation": "only_second"}, "truncation"),
        ({"src_lang": "en"}, "'src_lang'"),
    ],
)
def test_invalid_generate_parameters_are_rejected_by_name(
    parameters: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    response = predict("summarization", TEXT, **parameters)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_long_text_is_rejected_with_length_and_limit_or_truncated(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    for name in ("summarization", "translation/m2m", "text2text-generation"):
        refused = predict(name, [OTHER, LONG])
        assert refused.status_code == 422
        assert refused.json()["code"] == "input-too-long"
        assert refused.json()["detail"].startswith("inputs[1]: ")
        assert "at most 256" in refused.json()["detail"]
        assert predict(name, LONG, truncation="do_not_truncate").status_code == 422
    [cut] = predict("summarization", LONG, truncation="longest_first").json()
    assert cut == {"summary_text": direct(models["summarization"], LONG[:255])}
    assert predict("summarization", LONG, truncation=True).json() == [cut]


def test_languages_are_passed_in_model_specific_format(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    def written(name: str, **languages: str) -> str:
        return predict(name, TEXT, max_length=9, **languages).json()[0]["translation_text"]

    folder = models["translation/m2m"]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for source, target in (("eng_Latn", "fra_Latn"), ("deu_Latn", "eng_Latn")):
        first = tokenizer.convert_tokens_to_ids(target)
        expected = direct(folder, TEXT, max_length=9, src_lang=source, forced_bos_token_id=first)
        assert written("translation/m2m", src_lang=source, tgt_lang=target) == expected
    # What one request sets is not left for the next.
    assert written("translation/m2m") == direct(folder, TEXT, max_length=9)
    french = direct(models["translation/t5"], f"translate English to French: {TEXT}", max_length=9)
    assert written("translation/t5", src_lang="en", tgt_lang="fr") == french
    german = direct(models["translation"], f">>deu<< {TEXT}", max_length=9)
    assert written("translation", tgt_lang="deu") == german


@pytest.mark.parametrize(
    ("name", "languages", "words"),
    [
        ("translation", {"tgt_lang": "xx"}, "tgt_lang is not one of this model's languages: deu"),
        ("translation/m2m", {"src_lang": "xx"}, "src_lang is not one of this model's languages"),
        ("translation/t5", {"src_lang": "de", "tgt_lang": "en"}, "en_to_de, en_to_fr"),
    ],
)
def test_unknown_language_is_rejected_with_supported_ones(
    name: str, languages: dict[str, str], words: str, predict: model_servers.Predict
) -> None:
    response = predict(name, TEXT, **languages)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_huggingface_client_parses_all_three_tasks(urls: dict[str, str]) -> None:
    def client(name: str) -> InferenceClient:
        return InferenceClient(model=urls[name] + "/predict", timeout=30)

    summary = client("summarization").summarization(
        TEXT, clean_up_tokenization_spaces=True, truncation="only_first",
        generate_parameters={"max_new_tokens": 8},
    )  # fmt: skip
    assert summary.summary_text
    translated = client("translation/m2m").translation(
        TEXT, src_lang="eng_Latn", tgt_lang="fra_Latn"
    )
    assert translated.translation_text


@pytest.fixture(scope="module")
def adapter(models: dict[str, Path]) -> Seq2Seq:
    folder = models["translation/m2m"]
    return Seq2Seq(
        LoadedModel(
            spec=launch.spec("translation", folder),
            model=transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval(),
            processor=transformers.AutoTokenizer.from_pretrained(folder),
        )
    )


def test_tokenization_spaces_are_cleaned_up_on_request(adapter: Seq2Seq) -> None:
    prepared = adapter.encode("it was boring .", translation.Parameters())
    for wanted, text in ((True, "it was boring."), (False, "it was boring .")):
        parameters = translation.Parameters(clean_up_tokenization_spaces=wanted)
        result = adapter.decode([prepared.rows[0].ids], prepared, parameters)
        assert result == {"translation_text": text}


@pytest.mark.parametrize("beams", [1, 3])
def test_batch_matches_single_requests(adapter: Seq2Seq, beams: int) -> None:
    parameters = translation.Parameters.model_validate(
        {"generate_parameters": {"num_beams": beams, "max_new_tokens": 12}, "tgt_lang": "fra_Latn"}
    )
    group = [adapter.encode(text, parameters) for text in (TEXT, OTHER)]
    assert group[0].key == group[1].key
    together = [adapter.decode(raw, group[0], parameters) for raw in adapter.forward(group)]
    alone = [adapter.decode(adapter.forward([one])[0], one, parameters) for one in group]
    assert together == alone


@pytest.mark.parametrize("beams", [1, 3])
def test_generation_stops_on_disconnect(adapter: Seq2Seq, beams: int) -> None:
    parameters = translation.Parameters.model_validate(
        {"generate_parameters": {"num_beams": beams, "max_new_tokens": 200, "min_length": 200}}
    )
    stop_calls: list[int] = []

    def stop() -> bool:
        stop_calls.append(1)
        return len(stop_calls) >= 5

    [[tokens]] = adapter.forward([replace(adapter.encode(TEXT, parameters), stop=stop)])
    assert len(stop_calls) == 5
    assert len(tokens) <= 6
