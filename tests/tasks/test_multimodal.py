"""image-text-to-text on real servers: the models' own tokens, conversations, streams, refusals."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import transformers
from PIL import Image

from backend.inference.loading import load
from backend.tasks import cannot_serve
from backend.tasks.image_text_to_text import Parameters
from backend.tasks.samples import png
from tests.fakes import launch, model_servers

TASK = "image-text-to-text"
QWEN = "image-text-to-text/qwen2-vl"


def packed(seed: int) -> str:
    return base64.b64encode(png(seed)).decode()


def blank(side: int) -> str:
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


# One of them is read, two are too many pixels together.
LARGE = blank(5100)


def image(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(png(seed))).convert("RGB")


def question(seed: int) -> list[dict[str, object]]:
    """As OpenAI's clients send it."""
    shown = {"url": f"data:image/png;base64,{packed(seed)}", "detail": "auto"}
    parts = [{"type": "image_url", "image_url": shown}, {"type": "text", "text": "What is it?"}]
    return [{"role": "system", "content": "Be short."}, {"role": "user", "content": parts}]


def tokens(result: list[dict[str, Any]]) -> list[int]:
    return [token["id"] for token in result[0]["details"]["tokens"]]


def test_conversation_matches_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    processor = transformers.LlavaProcessor.from_pretrained(models[TASK])
    model = transformers.LlavaForConditionalGeneration.from_pretrained(models[TASK])
    pipe: Any = transformers.pipeline(TASK, model=model, processor=processor)
    for seed in (1, 2):
        parts = [{"type": "image", "image": image(seed)}, {"type": "text", "text": "What is it?"}]
        system = {"role": "system", "content": [{"type": "text", "text": "Be short."}]}
        theirs = pipe(
            text=[system, {"role": "user", "content": parts}], return_full_text=False,
            generate_kwargs={"max_new_tokens": 12, "do_sample": False},
        )[0]["generated_text"]  # fmt: skip
        ours = predict(TASK, question(seed), max_new_tokens=12).json()[0]["generated_text"]
        # An incomplete character at the end is not returned.
        assert ours == theirs.rstrip("\ufffd")


def test_images_work_without_video_processor(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(models[QWEN])
    images = transformers.AutoImageProcessor.from_pretrained(models[QWEN])
    model: Any = transformers.Qwen2VLForConditionalGeneration.from_pretrained(models[QWEN])
    for seed in (1, 2):
        image_inputs = images(images=image(seed), return_tensors="pt")
        pads = "<|image_pad|>" * int(image_inputs["image_grid_thw"].prod() // 4)
        text = (
            f"system: Be short.\nuser: <|vision_start|>{pads}<|vision_end|>What is it?\nassistant: "
        )
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        token_types = (ids == tokenizer.convert_tokens_to_ids("<|image_pad|>")).long()
        with torch.inference_mode():
            theirs = model.generate(
                input_ids=ids, mm_token_type_ids=token_types, **image_inputs, max_new_tokens=12,
                do_sample=False,
            )  # fmt: skip
        ours = predict(QWEN, question(seed), max_new_tokens=12, details=True).json()
        assert tokens(ours) == theirs[0, ids.shape[1] :].tolist()


def test_image_question_can_be_conversation_or_raw_prompt(
    predict: model_servers.Predict,
) -> None:
    short = predict(TASK, {"image": packed(1), "text": "What is it?"}, max_new_tokens=6).json()
    parts = [{"type": "image", "image": packed(1)}, {"type": "text", "text": "What is it?"}]
    assert short == predict(TASK, [{"role": "user", "content": parts}], max_new_tokens=6).json()
    own = "user: <image>What is it?\nassistant: "
    raw = predict(TASK, {"image": [packed(1)], "text": own}, max_new_tokens=6).json()
    assert raw == short
    blind = predict(TASK, {"text": "What is it?"}, max_new_tokens=6).json()
    assert blind != short
    both = [{"image": packed(seed), "text": "What is it?"} for seed in (1, 2)]
    results = predict(TASK, both, max_new_tokens=6).json()
    assert results[0] == short
    assert results[1] != short


def test_stream_returns_same_text_in_chunks(
    urls: dict[str, str], predict: model_servers.Predict
) -> None:
    body = {"inputs": question(3), "parameters": {"max_new_tokens": 8}, "stream": True}
    response = httpx.post(urls[TASK] + "/predict", json=body, timeout=60)
    events = [json.loads(line[6:]) for line in response.text.splitlines() if line]
    whole = predict(TASK, question(3), max_new_tokens=8).json()[0]["generated_text"]
    assert len(events) == 8
    assert "".join(event["token"]["text"] for event in events) == whole
    assert events[-1]["generated_text"] == whole


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"image": "https://example.org/cat.png", "text": "?"}, "not fetched"),
        ({"image": "file:///etc/passwd", "text": "?"}, "not fetched"),
        ({"picture": "AAAA", "text": "?"}, "picture"),
        ({"text": "two <image><image>", "image": "AAAA"}, "2 <image> for 1 images"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "image_url"),
        ([{"role": "user", "content": [{"type": "video", "video": "x"}]}], "type"),
        (
            [{"role": "user", "content": [{"type": "image", "image": packed(1)}] * 17}],
            "the limit is 16",
        ),
        ([{"role": "user", "content": [{"type": "image", "image": LARGE}] * 2}], "in total"),
        ([{"role": "user", "content": "two <image>"}], "send images as parts"),
        ([{"role": "user", "content": "very long " * 60}], "this model takes at most 512"),
    ],
)
def test_bad_input_returns_422_with_reason(
    inputs: object, reason: str, predict: model_servers.Predict
) -> None:
    response = predict(TASK, inputs)
    assert response.status_code in {413, 422}
    assert reason in response.json()["detail"]


def test_image_url_in_message_is_not_fetched(predict: model_servers.Predict) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/cat.png"}}]
    problem = predict(TASK, [{"role": "user", "content": parts}]).json()
    assert problem["code"] == "invalid-input"
    assert "not fetched" in problem["detail"]


def test_image_to_text_model_accepts_image_with_prompt(models: dict[str, Path]) -> None:
    adapter = load(launch.spec(TASK, models["image-to-text/blip"]))
    parameters = Parameters(max_new_tokens=6)
    prepared = adapter.encode({"image": packed(1), "text": "the museum"}, parameters)
    assert prepared.keep.prompt == "the museum"
    [[made]] = adapter.forward([prepared])
    assert len(made.pieces) == 6


def test_batch_matches_single_requests(models: dict[str, Path]) -> None:
    for name in (TASK, QWEN):
        adapter = load(launch.spec(TASK, models[name]))
        parameters = Parameters(max_new_tokens=6)
        group = [adapter.encode(question(seed), parameters) for seed in (1, 2)]
        assert len({prepared.key for prepared in group}) == 1
        together = [[piece.id for piece in track.pieces] for [track] in adapter.forward(group)]
        alone = [[p.id for p in adapter.forward([one])[0][0].pieces] for one in group]
        assert together == alone


def test_processor_needing_missing_library_is_rejected_with_its_name() -> None:
    smol = {"model_type": "smolvlm"}
    reason = cannot_serve(TASK, ["SmolVLMForConditionalGeneration"], smol)
    assert reason is not None
    assert "num2words" in reason
    assert (
        cannot_serve(TASK, ["Qwen2VLForConditionalGeneration"], {"model_type": "qwen2_vl"}) is None
    )
