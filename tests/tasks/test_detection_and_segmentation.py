"""Boxes and masks on real servers: the numbers of transformers' own pipelines, and the wire."""

import base64
import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from huggingface_hub import InferenceClient
from PIL import Image

from backend.errors.request import PayloadTooLarge
from backend.inference.adapters.vision.image_segmentation import check_masks, masks, within
from tests.fakes import model_servers
from tests.fakes.images import IMAGE, OTHER, opened, packed, pipeline


def mask_of(segment: dict[str, Any]) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(segment["mask"])))
    assert image.format == "PNG"
    return np.asarray(image)


@pytest.mark.parametrize("name", ["object-detection", "object-detection/rt-detr"])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5])
def test_boxes_match_pipeline_sorted_by_score(
    name: str, threshold: float, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    found = predict(name, packed(IMAGE), threshold=threshold).json()
    expected = pipeline("object-detection", models[name])(opened(IMAGE), threshold=threshold)
    expected.sort(key=lambda one: -one["score"])
    assert found
    assert [one["label"] for one in found] == [one["label"] for one in expected]
    assert [one["box"] for one in found] == [one["box"] for one in expected]
    scores = [one["score"] for one in found]
    assert scores == pytest.approx([one["score"] for one in expected], abs=1e-4)
    assert all(isinstance(corner, int) for one in found for corner in one["box"].values())


def test_no_result_above_threshold_returns_empty_list(predict: model_servers.Predict) -> None:
    assert predict("object-detection", packed(IMAGE), threshold=1.0).json() == []
    assert predict("image-segmentation/maskformer", packed(IMAGE), threshold=1.0).json() == []


def test_semantic_segmentation_returns_one_mask_per_class(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    found = predict("image-segmentation", packed(IMAGE)).json()
    expected = pipeline("image-segmentation", models["image-segmentation"])(opened(IMAGE))
    assert len(found) > 1
    assert [one["label"] for one in found] == [one["label"] for one in expected]
    assert {one["score"] for one in found} == {1.0}
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(mask_of(ours), np.asarray(theirs["mask"]))
    together = np.sum([mask_of(one).astype(int) for one in found], axis=0)
    assert np.array_equal(together, np.full((64, 64), 255))


@pytest.mark.parametrize("subtask", [None, "panoptic", "instance"])
def test_instance_and_panoptic_segmentation_match_pipeline(
    subtask: str | None, predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    chosen: dict[str, Any] = {
        "threshold": 0.1, "mask_threshold": 0.05, "overlap_mask_area_threshold": 0.1,
        **({"subtask": subtask} if subtask else {}),
    }  # fmt: skip
    found = predict("image-segmentation/maskformer", packed(IMAGE), **chosen).json()
    expected = pipeline("image-segmentation", models["image-segmentation/maskformer"])(
        opened(IMAGE), **chosen
    )
    expected.sort(key=lambda one: -one["score"])
    assert found
    assert [one["label"] for one in found] == [one["label"] for one in expected]
    scores = [one["score"] for one in found]
    assert scores == pytest.approx([one["score"] for one in expected], abs=1e-4)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(mask_of(ours), np.asarray(theirs["mask"]))


def test_unsupported_subtask_is_rejected_with_supported_ones(
    predict: model_servers.Predict,
) -> None:
    assert predict("image-segmentation/maskformer", packed(IMAGE), subtask="semantic").json()
    refused = predict("image-segmentation", packed(IMAGE), subtask="instance")
    assert refused.status_code == 422
    assert refused.json()["detail"].endswith("supported: semantic.")
    assert predict("image-segmentation", packed(IMAGE), subtask="everything").status_code == 422


def test_masks_of_very_large_image_are_computed_small_and_upscaled() -> None:
    assert within((300, 400), 120_000) == (300, 400)
    assert within((3000, 4000), 120_000) == (300, 400)
    assert within((1, 1_000_000), 1000)[0] == 1
    [segment] = masks(np.array([[0, 1], [0, 0]]), [(1, 0, 0.5)], {0: "cat"}, (4, 6))
    assert np.asarray(mask_of(segment)).tolist() == [[0] * 3 + [255] * 3] * 2 + [[0] * 6] * 2


def test_too_many_masks_are_rejected_with_counts() -> None:
    check_masks(80, (5_000, 10_000))
    numbers = [(number, 0, 0.5) for number in range(81)]
    words = "81 masks of 50,000,000 pixels; at most 4,000,000,000"
    with pytest.raises(PayloadTooLarge, match=words):
        masks(np.zeros((2, 2)), numbers, {0: "cat"}, (5_000, 10_000))


@pytest.mark.parametrize("task", ["object-detection", "image-segmentation"])
def test_batch_keeps_order_and_bad_image_is_reported_with_index(
    task: str, predict: model_servers.Predict, urls: dict[str, str]
) -> None:
    one, two = predict(task, packed(IMAGE)).json(), predict(task, packed(OTHER)).json()
    assert one != two
    assert predict(task, [packed(OTHER), packed(IMAGE)]).json() == [two, one]
    assert httpx.post(urls[task] + "/predict", content=IMAGE).json() == one
    bad = predict(task, [packed(IMAGE), packed(b"no picture")])
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "#/inputs/1"
    assert predict(task, packed(IMAGE), thresh=1).status_code == 422
    assert predict(task, packed(IMAGE), threshold=2).status_code == 422


def test_huggingface_client_parses_boxes_and_masks(urls: dict[str, str]) -> None:
    detector = InferenceClient(model=urls["object-detection"] + "/predict")
    assert detector.object_detection(IMAGE)[0].box.xmax > 0
    assert len(detector.object_detection(IMAGE, threshold=0.01)) > 1
    cutter = InferenceClient(model=urls["image-segmentation"] + "/predict")
    for segment in (
        cutter.image_segmentation(IMAGE)[0],
        cutter.image_segmentation(IMAGE, subtask="semantic")[0],
    ):
        assert segment.score == 1.0
        image: Any = segment.mask
        assert image.size == (64, 64)
