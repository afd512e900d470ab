"""mask-generation with points and boxes: the masks and scores of transformers' own processor."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from backend.inference.loading import load
from backend.tasks.mask_generation import Parameters
from tests.fakes import launch, model_servers
from tests.fakes.images import IMAGE, opened, packed
from tests.tasks.test_mask_generation import KINDS, TASK, opened_mask

WIDTH, HEIGHT = opened(IMAGE).size
PROMPTS: list[dict[str, Any]] = [
    {"points": [[[5, 9]]]},
    {"points": [[[5.5, 9], [20, 3]]], "labels": [[1, 0]]},
    {"boxes": [[2, 3, 20, 17]]},
    {"boxes": [[2, 3, 20, 17]], "points": [[[5, 9], [1, 1]]], "labels": [[1, 0]]},
]


def of_the_library(
    name: str, folder: Path, prompts: dict[str, Any], *, multimask_output: bool = True
) -> list[tuple[float, np.ndarray]]:
    """Masks of one object, best first."""
    processor: Any = transformers.SamProcessor(
        transformers.SamImageProcessorPil.from_pretrained(folder)
    )
    model = KINDS[name].from_pretrained(folder).eval()
    points = prompts.get("points")
    given: dict[str, Any] = {}
    if points:
        given["input_points"] = [points]
        given["input_labels"] = [prompts.get("labels") or [[1] * len(points[0])]]
    if "boxes" in prompts:
        given["input_boxes"] = [prompts["boxes"]]
    inputs = processor(images=opened(IMAGE), return_tensors="pt", **given)
    sizes, reshaped = inputs.pop("original_sizes"), inputs.pop("reshaped_input_sizes")
    inputs = {key: one.float() if one.is_floating_point() else one for key, one in inputs.items()}
    with torch.inference_mode():
        outputs = model(**inputs, multimask_output=multimask_output)
    [masks] = processor.post_process_masks(outputs.pred_masks, sizes.tolist(), reshaped.tolist())
    scores = outputs.iou_scores[0, 0].tolist()
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    return [(scores[i], masks[0, i].numpy()) for i in order]


def check(found: list[dict[str, Any]], expected: list[tuple[float, np.ndarray]]) -> None:
    assert [one["score"] for one in found] == pytest.approx([one[0] for one in expected], abs=1e-4)
    for ours, (_, theirs) in zip(found, expected, strict=True):
        assert np.array_equal(opened_mask(ours), theirs)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("prompts", PROMPTS)
@pytest.mark.parametrize("multimask", [True, False])
def test_prompted_masks_match_transformers(
    name: str, prompts: dict[str, Any], multimask: bool,
    predict: model_servers.Predict, models: dict[str, Path],
) -> None:  # fmt: skip
    expected = of_the_library(name, models[name], prompts, multimask_output=multimask)
    response = predict(name, packed(IMAGE), **prompts, multimask_output=multimask)
    assert response.status_code == 200, response.text
    found = response.json()
    assert len(found) == (3 if multimask else 1)
    assert {one["object"] for one in found} == {0}
    check(found, expected)


def test_each_object_is_independent_of_the_others(
    predict: model_servers.Predict, models: dict[str, Path]
) -> None:
    one, other = [[5, 9]], [[20, 3], [10, 10]]
    found = predict(TASK, packed(IMAGE), points=[one, other], labels=[[1], [0, 1]]).json()
    assert [mask["object"] for mask in found] == [0, 0, 0, 1, 1, 1]
    check(found[:3], of_the_library(TASK, models[TASK], {"points": [one]}))
    labelled = {"points": [other], "labels": [[0, 1]]}
    check(found[3:], of_the_library(TASK, models[TASK], labelled))


def test_masks_depend_on_the_place(predict: model_servers.Predict) -> None:
    masks = [
        predict(TASK, packed(IMAGE), points=[[place]]).json()[0]["mask"]
        for place in ([2, 2], [WIDTH - 2, HEIGHT - 2])
    ]
    assert masks[0] != masks[1]


def test_places_keep_their_precision_in_bfloat16(models: dict[str, Path]) -> None:
    adapter: Any = load(launch.spec(TASK, models[TASK], dtype="bfloat16"))
    parameters = Parameters(points=[[[5.25, 9.5]]])
    prepared = adapter.encode(packed(IMAGE), parameters)
    [prompt] = prepared.rows[0]["prompts"]
    tensors = prompt.tensors(prepared.rows[0], adapter._loaded.device)
    assert tensors["input_points"].dtype == torch.float32
    assert len(adapter.forward([prepared])[0]) == 3


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        ({"points": [[[WIDTH + 1, 3]]]}, f"outside the image of {WIDTH} x {HEIGHT} pixels"),
        ({"points": [[[3, HEIGHT + 0.5]]]}, "outside the image"),
        ({"points": [[[-1, 3]]]}, "points"),
        ({"points": [[3, 4]]}, "points"),
        ({"points": [[[3, 4, 5]]]}, "points"),
        ({"points": []}, "points"),
        ({"points": [[[3, 4]]] * 33}, "points"),
        ({"points": [[[3, 4]]], "labels": [[1, 1]]}, "labels must have a number for each point"),
        ({"points": [[[3, 4]]], "labels": [[2]]}, "labels"),
        ({"labels": [[1]]}, "labels belong to points"),
        ({"boxes": [[9, 9, 3, 3]]}, "A box is empty"),
        ({"boxes": [[0, 0, WIDTH + 9, 3]]}, "outside the image"),
        ({"boxes": [[0, 0, 9, 9]] * 2, "points": [[[3, 4]]]}, "same objects"),
    ],
)
def test_prompts_that_do_not_fit_are_rejected_with_reason(
    prompts: dict[str, Any], words: str, predict: model_servers.Predict
) -> None:
    refused = predict(TASK, packed(IMAGE), **prompts)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
