"""Percentiles, ratios and verdicts of the bench."""

import json
import math

import pytest

from benchmarks.figures import Measure, cosine, figure, median, ratio


def test_median_without_values_is_unknown():
    assert math.isnan(median([]))


def test_ratio_to_unknown_or_zero_is_unknown():
    assert ratio(6, 3) == 2
    assert math.isnan(ratio(1, 0))
    assert math.isnan(ratio(1, math.nan))


def test_cosine_depends_on_direction_only():
    assert cosine([3, 4], [6, 8]) == pytest.approx(1)
    assert cosine([1, 0], [0, 2]) == 0
    assert math.isnan(cosine([0, 0], [1, 1]))


@pytest.mark.parametrize(
    ("value", "direction", "is_reached"),
    [
        (0.9, "at least", True), (0.89, "at least", False),
        (0.9, "at most", True), (0.91, "at most", False),
        (math.nan, "at least", None),
    ],
)  # fmt: skip
def test_verdict_depends_on_direction(value, direction, is_reached):
    measure = Measure(name="rate", value=value, target=0.9, direction=direction)
    assert measure.is_reached is is_reached


def test_measure_without_target_has_no_verdict():
    assert Measure(name="rate", value=1.0).is_reached is None


def test_unknown_value_survives_json():
    unknown = Measure(name="rate", value=math.nan, target=2.0, direction="at most")
    found = Measure.from_json(json.loads(json.dumps(unknown.as_json(), allow_nan=False)))
    assert math.isnan(found.value)
    assert (found.name, found.target, found.direction) == ("rate", 2.0, "at most")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "-"), (0.0, "0"), (1.0, "1.00"), (12.345, "12.3"), (1234.5, "1234"),
        (0.01234, "0.0123"), (-0.5, "-0.500"),
    ],
)  # fmt: skip
def test_figure_has_three_significant_digits(value, text):
    assert figure(value) == text
