"""How many rows a group may have."""

from pathlib import Path

import pytest

from backend.inference.scheduling.limits import limits_of
from tests.fakes.launch import spec


@pytest.mark.parametrize(
    ("changes", "most", "rows"),
    [
        ({}, 1024, 16),
        ({"device": "cuda"}, 1024, 64),
        ({}, 3, 3),
        ({"max_batch_size": 40}, 1024, 40),
        ({"engine": "onnxruntime", "dtype": "float32"}, 1024, 16),
        ({"engine": "onnxruntime", "dtype": "int8"}, 1024, 1),
        ({"engine": "onnxruntime", "dtype": "int8", "max_batch_size": 4}, 1024, 4),
    ],
)
def test_rows_by_device_adapter_and_request(
    changes: dict[str, object], most: int, rows: int
) -> None:
    made = spec("text-classification", Path("none")).model_copy(update=changes)
    assert limits_of(made, most).rows == rows
