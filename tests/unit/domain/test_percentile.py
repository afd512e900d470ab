"""Percentiles of measured values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.percentile import percentile

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


@given(NUMBERS, st.floats(0, 1))
def test_percentile_equals_numpy(values: list[float], share: float):
    assert percentile(values, share) == pytest.approx(np.quantile(values, share), abs=1e-6)


def test_percentile_without_values_is_unknown():
    assert math.isnan(percentile([], 0.5))
