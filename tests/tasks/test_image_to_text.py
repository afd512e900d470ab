"""image-to-text on real servers: the same tokens as the models called directly, and refusals."""

import base64
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.inference.loading import load
from backend.tasks.image_to_text import Parameters
from backend.tasks.samples import png
from tests.fakes import launch, model_servers

MODELS = ["", "/donut", "/blip", "/git", "/pix2struct"]


def packed(seed: int) -> str:
    return base64.b64encode(png(seed)).decode()


def image(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(png(seed))).convert("RGB")


def written(folder: Path, seed: int, **more: Any) -> list[int]:
    """All tokens that the model makes by itself, with those it begins with."""
    model: Any = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    images = transformers.AutoImageProcessor.from_pretrained(folder)
    inputs = images(images=image(seed), return_tensors="pt")
    settings = {"max_new_tokens": 12, "do_sample": False, "num_beams": 1}
    with torch.inference_mode():
        return model.generate(**inputs, **settings, **more)[0].tolist()


def tokens(result: list[dict[str, Any]]) -> list[int]:
    return [token["id"] for token in result[0]["details"]["tokens"]]


@pytest.mark.parametrize("variant", MODELS)
def test_tokens_match_model_generate(
    variant: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    name = "image-to-text" + variant
    results = [
        predict(name, packed(seed), max_new_tokens=12, details=True).json() for seed in (1, 2)
    ]
    assert [tokens(result) for result in results] == [
        written(models[name], seed)[1:] for seed in (1, 2)
    ]
    assert tokens(results[0]) != tokens(results[1])
    both = predict(name, [packed(1), packed(2)], max_new_tokens=12).json()
    assert both == [[{"generated_text": result[0]["generated_text"]}] for result in results]


@pytest.mark.parametrize("variant", MODELS)
def test_generation_continues_prompt(
    variant: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    name, prompt = "image-to-text" + variant, "the museum"
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[name])
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    if variant == "/blip":
        begins, given = [2, *ids], {"input_ids": torch.tensor([[2, *ids, 3]])}
    elif variant == "/git":
        begins, given = [2, *ids], {"input_ids": torch.tensor([[2, *ids]])}
    else:
        begins = ids if variant == "/donut" else [0, *ids]
        given = {"decoder_input_ids": torch.tensor([ids])}
    result = predict(name, packed(3), max_new_tokens=12, details=True, prompt=prompt).json()
    assert tokens(result) == written(models[name], 3, **given)[len(begins) :]
    full = predict(name, packed(3), max_new_tokens=12, prompt=prompt, return_full_text=True).json()
    assert full[0]["generated_text"] == prompt + result[0]["generated_text"]


def test_result_matches_pipeline(predict: model_servers.Predict, models: dict[str, Path]) -> None:
    folder = models["image-to-text/blip"]
    processor = transformers.BlipProcessor(
        transformers.AutoImageProcessor.from_pretrained(folder),
        transformers.AutoTokenizer.from_pretrained(folder),
    )
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    pipe = transformers.pipeline("image-text-to-text", model=model, processor=processor)
    theirs = pipe(image(1), text="the", generate_kwargs={"max_new_tokens": 8})[0]
    ours = predict("image-to-text/blip", packed(1), max_new_tokens=8, prompt="the").json()[0]
    assert theirs["generated_text"].removeprefix("the").strip() == ours["generated_text"].strip()


def test_raw_image_and_huggingface_client_get_same_result(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    url = urls["image-to-text"] + "/predict"
    raw = httpx.post(url + "?max_new_tokens=5", content=png(1)).json()
    assert raw == predict("image-to-text", packed(1), max_new_tokens=5).json()
    client = InferenceClient(model=url, timeout=30)
    assert client.image_to_text(png(1)).generated_text.startswith(raw[0]["generated_text"][:2])


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    for variant in MODELS:
        name = "image-to-text" + variant
        adapter = load(launch.spec("image-to-text", models[name]))
        parameters = Parameters(max_new_tokens=6, prompt="the")
        group = [adapter.encode(png(seed), parameters) for seed in (1, 2, 3)]
        assert len({prepared.key for prepared in group}) == 1
        together = adapter.forward(group)
        alone = [adapter.forward([prepared])[0] for prepared in group]
        assert [[p.id for p in track.pieces] for [track] in together] == [
            [p.id for p in track.pieces] for [track] in alone
        ]


def test_bad_input_is_rejected_with_remedy(predict: model_servers.Predict) -> None:
    problem = predict("image-to-text", "https://example.org/cat.png").json()
    assert problem["code"] == "invalid-input"
    assert "not fetched" in problem["detail"]
    long = predict("image-to-text", packed(1), prompt="a" * 200)
    assert long.status_code == 422
    assert long.json()["detail"] == "201 tokens; this model takes at most 128."
    second = predict("image-to-text", [packed(1), "AAAA"]).json()
    assert second["detail"].startswith("inputs[1]: ")
    assert "top_g" in predict("image-to-text", packed(1), top_g=1).json()["detail"]
