"""How far two results of a model are from each other."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers.utils.generic import ModelOutput

from backend.inference.measurement.comparison import compare

LOGITS = np.array([2.0, -1.0, 0.5])


def test_equal_results_agree_completely() -> None:
    found = compare(LOGITS, LOGITS.copy(), "labels")
    assert (round(found.cosine, 12), found.is_same_label, found.probability_error) == (1, True, 0)


def test_another_label_is_seen_beside_a_high_cosine() -> None:
    one, other = np.array([1.0, 1.001, 40.0]), np.array([1.001, 1.0, 40.0])
    found = compare([one[:2]], [other[:2]], "labels")
    assert found.cosine > 0.999999
    assert not found.is_same_label
    assert compare(one, other, "vectors").is_same_label


def test_error_of_probabilities_is_the_largest() -> None:
    found = compare([LOGITS, LOGITS], [LOGITS, LOGITS + np.array([0.0, 0.0, 0.4])], "labels")
    assert found.probability_error is not None
    assert 0.05 < found.probability_error < 0.08


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LOGITS, LOGITS[:2]),
        ([LOGITS], [LOGITS, LOGITS]),
        (LOGITS, np.array([2.0, np.nan, 0.5])),
        ({"text": "yes"}, {"text": "no"}),
        (np.zeros(3), LOGITS),
    ],
)
def test_results_that_cannot_be_compared_disagree(one: Any, other: Any) -> None:
    assert compare(one, other, None).cosine == 0


def test_infinities_in_the_same_places_are_no_difference() -> None:
    one = np.array([1.0, -np.inf, 2.0])
    assert compare(one, one.copy(), "labels").cosine == pytest.approx(1)


def test_tensors_in_the_outputs_of_a_model_are_compared_as_numbers() -> None:
    boxes, ids = torch.tensor([[0.1, 0.2]]), torch.tensor([3])
    one = ModelOutput(boxes=boxes, ids=ids)
    other = ModelOutput(boxes=boxes.bfloat16(), ids=ids)
    assert 0.9999 < compare([one], [other], None).cosine <= 1
    assert compare([one], [ModelOutput(boxes=-boxes, ids=ids)], None).cosine < 0


def test_texts_are_compared_as_they_are() -> None:
    assert compare([{"text": "yes"}], [{"text": "yes"}], None).cosine == 1
