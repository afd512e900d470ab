"""Image generation on real servers, compared with diffusers called directly."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from huggingface_hub import InferenceClient
from PIL import Image

from backend.tasks.samples import png
from tests.fakes import model_servers

PROMPT = "a small boat"
SETTINGS: dict[str, Any] = {"num_inference_steps": 3, "guidance_scale": 4.0}
SIDE = 64


def pixels(body: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)


def is_near(first: np.ndarray, second: np.ndarray) -> bool:
    """Equal but for rounding in another order of threads."""
    return first.shape == second.shape and int(np.abs(first - second).max()) <= 2


def library() -> Any:
    import diffusers

    return diffusers


@pytest.fixture(scope="module")
def pipeline(models: dict[str, Path]) -> Any:
    made = library().DiffusionPipeline.from_pretrained(models["text-to-image"])
    made.set_progress_bar_config(disable=True)
    return made


def direct(pipeline: Any, **inputs: Any) -> np.ndarray:
    found = pipeline(**inputs, generator=torch.Generator().manual_seed(5), output_type="np")
    return (found.images[0] * 255).round().astype(int)


def test_image_is_what_diffusers_generates(predict: model_servers.Predict, pipeline: Any) -> None:
    response = predict(
        "text-to-image", PROMPT, **SETTINGS, seed=5, width=128, height=64, negative_prompt="fog"
    )
    assert response.headers["content-type"] == "image/png"
    expected = direct(
        pipeline, prompt=PROMPT, negative_prompt="fog", width=128, height=64, **SETTINGS
    )
    assert is_near(pixels(response.content), expected)
    without = direct(pipeline, prompt=PROMPT, width=128, height=64, **SETTINGS)
    assert not is_near(pixels(response.content), without)


def test_second_text_encoder_is_used(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    found = predict("text-to-image/xl", PROMPT, **SETTINGS, seed=5).content
    loaded = library().DiffusionPipeline.from_pretrained(models["text-to-image/xl"])
    loaded.set_progress_bar_config(disable=True)
    assert is_near(pixels(found), direct(loaded, prompt=PROMPT, **SETTINGS))


def test_scheduler_is_used_for_one_request(predict: model_servers.Predict, pipeline: Any) -> None:
    given = {**SETTINGS, "seed": 5}
    before = predict("text-to-image", PROMPT, **given).content
    other = predict("text-to-image", PROMPT, **given, scheduler="EulerDiscreteScheduler").content
    assert predict("text-to-image", PROMPT, **given).content == before
    own = pipeline.scheduler
    pipeline.scheduler = library().EulerDiscreteScheduler.from_config(own.config)
    expected = direct(pipeline, prompt=PROMPT, **SETTINGS)
    pipeline.scheduler = own
    assert is_near(pixels(other), expected)


def test_image_to_image_is_what_diffusers_generates(
    predict: model_servers.Predict, pipeline: Any
) -> None:
    photo = png(3)
    response = predict(
        "image-to-image/diffusion", base64.b64encode(photo).decode(), prompt=PROMPT, strength=0.7,
        seed=5, **SETTINGS,
    )  # fmt: skip
    changed = library().AutoPipelineForImage2Image.from_pipe(pipeline)
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    expected = direct(changed, prompt=PROMPT, image=image, strength=0.7, **SETTINGS)
    assert is_near(pixels(response.content), expected)


@pytest.mark.parametrize("name", ["image-to-image/diffusion", "image-to-image/inpainting"])
def test_inpainting_is_what_diffusers_generates(
    name: str, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    photo = Image.open(io.BytesIO(png(3))).convert("RGB")
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (0, 0, SIDE // 2, SIDE))
    file = io.BytesIO()
    mask.save(file, "PNG")
    response = predict(
        name, base64.b64encode(png(3)).decode(), prompt=PROMPT, strength=0.8, seed=5,
        mask_image=base64.b64encode(file.getvalue()).decode(), **SETTINGS,
    )  # fmt: skip
    loaded = library().DiffusionPipeline.from_pretrained(models[name])
    painter = library().AutoPipelineForInpainting.from_pipe(loaded)
    painter.set_progress_bar_config(disable=True)
    expected = direct(
        painter, prompt=PROMPT, image=photo, mask_image=mask, strength=0.8, width=SIDE,
        height=SIDE, **SETTINGS,
    )  # fmt: skip
    assert is_near(pixels(response.content), expected)


def test_stream_reports_steps_then_the_image(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    parameters = {**SETTINGS, "seed": 5}
    body = {"inputs": PROMPT, "stream": True, "parameters": parameters}
    response = httpx.post(urls["text-to-image"] + "/predict", json=body, timeout=60)
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    events = [json.loads(line) for line in lines]
    assert events[:-1] == [{"step": number, "steps": 3} for number in (1, 2, 3)]
    whole = predict("text-to-image", PROMPT, **parameters).content
    assert base64.b64decode(events[-1]["blob"]) == whole


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"width": 4096, "height": 4096}, "pixels"),
        ({"width": 100}, "multiple of 8"),
        ({"num_inference_steps": 0}, "greater than or equal to 1"),
        ({"scheduler": "NoScheduler"}, "supports"),
        ({"strength": 0.5}, "Unknown field"),
    ],
)
def test_impossible_setting_is_rejected(
    parameters: dict[str, Any], reason: str, predict: model_servers.Predict
) -> None:
    response = predict("text-to-image", PROMPT, **parameters)
    assert response.status_code == 422, response.text
    assert reason in response.text


def test_upscaler_rejects_a_prompt(predict: model_servers.Predict) -> None:
    response = predict("image-to-image", base64.b64encode(png(1)).decode(), prompt=PROMPT)
    assert response.status_code == 422
    assert "prompt" in response.json()["detail"]


def test_hub_client_gets_images(urls: dict[str, str]) -> None:
    drawn = InferenceClient(model=urls["text-to-image"] + "/predict").text_to_image(
        PROMPT, width=64, height=64, num_inference_steps=2, seed=1
    )
    assert drawn.size == (64, 64)
    client = InferenceClient(model=urls["image-to-image/diffusion"] + "/predict")
    size: Any = {"width": 128, "height": 64}
    changed = client.image_to_image(png(2), prompt=PROMPT, num_inference_steps=4, target_size=size)
    assert changed.size == (128, 64)


def test_info_names_pipeline_and_schedulers(urls: dict[str, str]) -> None:
    info = httpx.get(urls["text-to-image"] + "/info").json()
    assert "StableDiffusionPipeline" in json.dumps(info)
    assert "EulerDiscreteScheduler" in json.dumps(info)
    assert "DPMSolverSDEScheduler" not in json.dumps(info), "its library is not installed"
