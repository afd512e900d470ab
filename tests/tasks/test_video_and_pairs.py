"""Videos, pairs of images and larger images, on real servers: numbers, wire and refusals."""

import base64
import io
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
import torch
import transformers
from huggingface_hub import InferenceClient
from PIL import Image

from backend.errors.base import PlatformError
from backend.inference import video
from backend.inference.config import MAX_ENLARGED_PIXELS
from backend.tasks.samples import gif, png
from tests.fakes import model_servers
from tests.fakes.images import IMAGE, OTHER, opened, packed, pipeline
from tests.tasks import matrix

VIDEO = gif(3)


def recoded(kind: str, codec: str, pixels: str = "yuv420p") -> bytes:
    """The sample video in another container."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, pixels
        for image in video.read_frames(VIDEO, range(16)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def scores_of(folder: Path, frames: list[np.ndarray]) -> list[float]:
    """Of the model itself, best first."""
    model = transformers.VideoMAEForVideoClassification.from_pretrained(folder).eval()
    processor: Any = transformers.AutoImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        logits = model(**processor(frames, return_tensors="pt")).logits[0]
    return sorted(torch.softmax(logits, -1).tolist(), reverse=True)


def test_video_is_classified_by_first_or_every_nth_frame(
    predict: model_servers.Predict, models: dict[str, Path], urls: dict[str, str]
) -> None:
    folder, frames = models["video-classification"], video.read_frames(VIDEO, range(16))
    raw = httpx.post(
        urls["video-classification"] + "/predict",
        content=VIDEO,
        headers={"content-type": "image/gif"},
    ).json()
    assert [one["score"] for one in raw] == pytest.approx(scores_of(folder, frames[:4]), abs=1e-4)
    assert predict("video-classification", packed(VIDEO)).json() == raw
    assert predict("video-classification", packed(VIDEO), top_k=1).json() == raw[:1]
    # As the pipeline takes them: 4 places from the first to the 16th.
    spread = predict("video-classification", packed(VIDEO), frame_sampling_rate=4).json()
    expected = scores_of(folder, [frames[i] for i in (0, 5, 10, 15)])
    assert [one["score"] for one in spread] == pytest.approx(expected, abs=1e-4)
    logits = predict("video-classification", packed(VIDEO), function_to_apply="none").json()
    assert logits[0]["label"] == raw[0]["label"]


def test_video_batch_keeps_order_and_bad_video_is_reported_with_index(
    predict: model_servers.Predict,
) -> None:
    name = "video-classification"
    one, two = predict(name, packed(VIDEO)).json(), predict(name, packed(gif(8))).json()
    assert one != two
    both = predict(name, [packed(gif(8)), packed(VIDEO)]).json()
    assert matrix.differences(both, [two, one], near=1e-5) == []
    bad = predict(name, [packed(VIDEO), packed(IMAGE)])
    assert bad.json()["errors"][0]["pointer"] == "#/inputs/1"
    assert bad.json()["detail"].startswith("inputs[1]: Video could not be decoded")
    short = predict(name, packed(VIDEO), frame_sampling_rate=5)
    assert short.status_code == 422
    assert short.json()["detail"] == "The video has 16 frames; 20 are needed."


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("mp4", "mpeg4"), ("matroska", "mpeg4"), ("avi", "mpeg4"), ("mpegts", "mpeg2video")],
)
def test_video_format_is_detected_by_first_bytes(kind: str, codec: str) -> None:
    frames = video.read_frames(recoded(kind, codec), range(8))
    original = video.read_frames(VIDEO, range(8))
    assert [frame.shape for frame in frames] == [(32, 32, 3)] * 8
    assert np.abs(np.array(frames, dtype=float) - np.array(original)).mean() < 20


@pytest.mark.parametrize(
    "body",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        VIDEO[:400],
        b"GIF89a" + bytes(50),
        b"\x00\x00\x00\x18ftypmp42" + bytes(40),
    ],
)
def test_incomplete_or_unsupported_video_is_rejected(body: bytes) -> None:
    with pytest.raises(PlatformError) as raised:
        video.read_frames(body, range(4))
    assert raised.value.status == 422


def test_too_many_pixels_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_VIDEO_PIXELS", 4 * 32 * 32)
    assert len(video.read_frames(VIDEO, range(4))) == 4
    with pytest.raises(PlatformError, match="at most"):
        video.read_frames(VIDEO, range(5))
    monkeypatch.setattr(video, "MAX_DECODED_PIXELS", 10 * 32 * 32)
    assert len(video.read_frames(VIDEO, [9])) == 1
    with pytest.raises(PlatformError, match=r"11 frames .* 11,264 pixels .*at most 10,240"):
        video.read_frames(VIDEO, [10])
    monkeypatch.setattr(video, "MAX_VIDEO_SECONDS", 0.1)
    with pytest.raises(PlatformError, match="longer than"):
        video.read_frames(VIDEO, [9])


def test_keypoint_matches_equal_pipeline(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    made = pipeline("keypoint-matching", models["keypoint-matching"])
    expected = made([opened(IMAGE), opened(OTHER)])
    pair = {"image_0": packed(IMAGE), "image_1": packed(OTHER)}
    found = predict("keypoint-matching", pair).json()
    assert found
    assert [(m["keypoint_image_0"], m["keypoint_image_1"]) for m in found] == [
        (m["keypoint_image_0"], m["keypoint_image_1"]) for m in expected
    ]
    scores = [m["score"] for m in expected]
    assert [m["score"] for m in found] == pytest.approx(scores, abs=1e-4)
    assert predict("keypoint-matching", pair, threshold=1.0).json() == []


def test_pair_can_be_list_and_batch_is_list_of_pairs(
    predict: model_servers.Predict,
) -> None:
    a, b = packed(IMAGE), packed(OTHER)
    one = predict("keypoint-matching", {"image_0": a, "image_1": b}).json()
    assert predict("keypoint-matching", [a, b]).json() == one
    other = predict("keypoint-matching", [b, a]).json()
    assert predict("keypoint-matching", [[b, a], {"image_0": a, "image_1": b}]).json() == [
        other,
        one,
    ]
    for bad in ({"image_0": a}, a, {"image_0": a, "image_1": b, "more": b}):
        assert predict("keypoint-matching", bad).status_code == 422
    named = predict("keypoint-matching", [[a, b], [a]])
    assert named.json()["errors"][0]["pointer"] == "#/inputs/1"


def test_matches_are_scaled_to_images_of_any_shape(predict: model_servers.Predict) -> None:
    file = io.BytesIO()
    opened(IMAGE).resize((640, 64)).save(file, "PNG")
    wide = base64.b64encode(file.getvalue()).decode()
    found = predict("keypoint-matching", [wide, wide]).json()
    assert found
    places = [m["keypoint_image_0"] for m in found]
    assert max(place["x"] for place in places) > 64
    assert all(place["x"] < 640 and place["y"] < 64 for place in places)


def test_image_to_image_matches_model_output(
    urls: dict[str, str], models: dict[str, Path], predict: model_servers.Predict
) -> None:
    folder = models["image-to-image"]
    model = transformers.Swin2SRForImageSuperResolution.from_pretrained(folder).eval()
    processor: Any = transformers.AutoImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        made = model(**processor(opened(IMAGE), return_tensors="pt")).reconstruction
    expected = (made[0, :, :128, :128].clamp(0, 1) * 255).round().numpy().transpose(1, 2, 0)
    response = httpx.post(urls["image-to-image"] + "/predict", content=IMAGE, timeout=60)
    assert response.headers["content-type"] == "image/png"
    found = Image.open(io.BytesIO(response.content))
    assert found.size == (128, 128)
    assert np.abs(np.asarray(found, dtype=float) - expected).max() <= 1
    several = predict("image-to-image", [packed(IMAGE), packed(OTHER)]).json()
    assert [one["content-type"] for one in several] == ["image/png"] * 2
    assert base64.b64decode(several[0]["blob"]) == response.content
    client = InferenceClient(model=urls["image-to-image"] + "/predict")
    assert client.image_to_image(IMAGE).size == (128, 128)


def test_image_too_large_to_upscale_is_rejected_with_size_and_limit(
    predict: model_servers.Predict,
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (1024, 513)).save(file, "PNG")
    refused = predict("image-to-image", base64.b64encode(file.getvalue()).decode())
    assert refused.status_code == 413
    assert f"{1024 * 513:,}" in refused.json()["detail"]
    assert f"{MAX_ENLARGED_PIXELS:,}" in refused.json()["detail"]
    assert predict("image-to-image", packed(png(1)), scale=4).status_code == 422
