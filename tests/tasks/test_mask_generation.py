"""mask-generation on real servers: the masks and scores of transformers' own steps."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from PIL import Image

from backend.inference.adapters.vision.mask_generation import non_maximum_suppression
from backend.inference.loading import load
from backend.tasks import cannot_serve
from backend.tasks.mask_generation import Parameters
from tests.fakes import launch, model_servers
from tests.fakes.images import IMAGE, OTHER, opened, packed

TASK = "mask-generation"
KINDS: dict[str, Any] = {TASK: transformers.SamModel, f"{TASK}/hq": transformers.SamHQModel}
GRID = 6

Found = list[tuple[float, np.ndarray]]


def shared(one: list[float], other: list[float]) -> float:
    """Of two boxes, what both cover for each part that one of them covers."""
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    return width * height / max(1e-9, sum(areas) - width * height)


def mask_of(rle: dict[str, Any]) -> np.ndarray:
    """Runs of false and true in turn, column by column."""
    values = [i % 2 == 1 for i in range(len(rle["counts"]))]
    height, width = rle["size"]
    return np.repeat(values, rle["counts"]).reshape(width, height).T


def of_the_library(name: str, folder: Path, image: bytes, most: float, **settings: Any) -> Found:
    """Its processor makes and filters masks, and boxes are compared one by one."""
    model = KINDS[name].from_pretrained(folder).eval()
    processor = transformers.SamImageProcessorPil.from_pretrained(folder)
    boxes, points, crops, labels = processor.generate_crop_boxes(
        opened(image), 32, points_per_crop=GRID
    )
    image_inputs = processor(images=crops, return_tensors="pt")
    outputs = model(image_inputs["pixel_values"], input_points=points, input_labels=labels)
    sizes = image_inputs["original_sizes"].tolist()
    [masks] = processor.post_process_masks(
        outputs.pred_masks.detach(), sizes, image_inputs["reshaped_input_sizes"], binarize=False
    )
    rles, scores, places = processor.filter_masks(
        masks, outputs.iou_scores[0].detach(), sizes[0], boxes[0], **settings
    )
    order = sorted(range(len(rles)), key=lambda i: -float(scores[i]))
    kept: list[int] = []
    for i in order:
        if all(shared(places[i].tolist(), places[j].tolist()) <= most for j in kept):
            kept.append(i)
    return [(float(scores[i]), mask_of(rles[i])) for i in kept]


def opened_mask(found: dict[str, Any]) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(found["mask"])))
    assert image.format == "PNG"
    return np.asarray(image) == 255


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("image", [IMAGE, OTHER])
@pytest.mark.parametrize(
    ("most", "settings"),
    [
        (0.7, {}),
        (0.97, {"pred_iou_thresh": 0.5}),
        (0.99, {"pred_iou_thresh": 0.0, "stability_score_thresh": 0.0}),
        (1.0, {"stability_score_offset": 40.0, "mask_threshold": 10.0}),
    ],
)
def test_masks_match_transformers_sorted_by_score(
    name: str, image: bytes, most: float, settings: dict[str, Any],
    predict: model_servers.Predict, models: dict[str, Path],
) -> None:  # fmt: skip
    expected = of_the_library(name, models[name], image, most, **settings)
    response = predict(name, packed(image), points_per_crop=GRID, crops_nms_thresh=most, **settings)
    found = response.json()
    assert found
    assert [one["score"] for one in found] == pytest.approx([one[0] for one in expected], abs=1e-4)
    for ours, (_, theirs) in zip(found, expected, strict=True):
        assert np.array_equal(opened_mask(ours), theirs)


def test_grid_and_thresholds_change_result(predict: model_servers.Predict) -> None:
    every = {"pred_iou_thresh": 0, "stability_score_thresh": 0, "crops_nms_thresh": 1}
    assert len(predict(TASK, packed(IMAGE), points_per_crop=2, **every).json()) == 3 * 2 * 2
    # 49 points are processed in two batches.
    assert len(predict(TASK, packed(IMAGE), points_per_crop=7, **every).json()) == 3 * 7 * 7
    none = predict(TASK, packed(IMAGE), points_per_crop=2, stability_score_thresh=1)
    assert none.json() == []


def test_masks_of_large_image_have_image_size(
    models: dict[str, Path],
) -> None:
    image = io.BytesIO()
    opened(IMAGE).resize((1600, 1000)).save(image, format="PNG")
    adapter = load(launch.spec(TASK, models[TASK]))
    parameters = Parameters(points_per_crop=1, pred_iou_thresh=0, stability_score_thresh=0)
    prepared = adapter.encode(packed(image.getvalue()), parameters)
    raw = adapter.forward([prepared])[0]
    assert raw[0][3][0] < 1000
    found = adapter.decode(raw, prepared, parameters)
    assert {opened_mask(one).shape for one in found} == {(1000, 1600)}


def test_nms_keeps_box_with_higher_score() -> None:
    boxes = np.array([[0, 0, 4, 4], [0, 0, 4, 3], [5, 5, 9, 9], [0, 0, 0, 0]], dtype=np.float32)
    scores = np.array([0.5, 0.9, 0.7, 0.1], dtype=np.float32)
    assert non_maximum_suppression(boxes, scores, 0.7) == [1, 2, 3]
    assert non_maximum_suppression(boxes, scores, 0.8) == [1, 2, 0, 3]
    assert non_maximum_suppression(boxes[:0], scores[:0], 0.7) == []


def test_newer_sam_models_are_rejected_with_requirements() -> None:
    reason = cannot_serve(TASK, ["Sam2Model"], {"model_type": "sam2"})
    assert reason is not None
    assert "torchvision" in reason
    assert cannot_serve(TASK, ["SamModel"], {"model_type": "sam"}) is None
