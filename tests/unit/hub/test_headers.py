"""Safetensors headers: right ones are added up, wrong ones refused."""

import json

import pytest

from backend.errors.model import CorruptModel
from backend.hub.headers import Tensors, header_length, read_header, together


def read(header: object, data_bytes: int) -> Tensors:
    return read_header(json.dumps(header).encode(), data_bytes, "model.safetensors")


def tensor(
    shape: list[object], begin: object, end: object, dtype: object = "F32"
) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_parameters_are_counted_by_dtype() -> None:
    tensors = {"a": tensor([2, 3], 0, 24), "b": tensor([4], 24, 32, "BF16")}
    found = read({"__metadata__": {"format": "pt"}} | tensors, 32)
    assert found.counts == {"F32": 6, "BF16": 4}
    assert (found.parameters, found.dtype) == (10, "float32")
    assert together([found, found]).parameters == 20


def test_scalar_and_empty_tensor_are_counted() -> None:
    assert read({"a": tensor([], 0, 4), "b": tensor([0, 5], 4, 4)}, 4).parameters == 1


@pytest.mark.parametrize(
    "header",
    [
        [],
        "text",
        {"a": 5},
        {"a": {"dtype": "F32"}},
        {"a": tensor([100], 0, 400, "F31")},
        {"a": tensor([100], 0, 400, 7)},
        {"a": tensor([-100], 0, 400)},
        {"a": tensor([10.5], 0, 42)},
        {"a": tensor([True], 0, 4)},
        {"a": tensor([99], 0, 400)},
        {"a": tensor([100], 400, 0)},
        {"a": tensor([100], 0, 2**70)},
        {"a": tensor([100], 4, 404)},
        {"a": tensor([50], 0, 200), "b": tensor([60], 160, 400)},
        {"a": tensor([25], 0, 100), "b": tensor([50], 200, 400)},
        {"a": tensor([99], 0, 396)},
        {"a": tensor([101], 0, 404)},
        {"a": tensor([2**62, 2**62], 0, 400)},
        {"a": {"dtype": "F32", "shape": [100], "data_offsets": [0]}},
    ],
)
def test_header_that_does_not_match_file_is_corrupt(header: object) -> None:
    with pytest.raises(CorruptModel):
        read(header, 400)


def test_broken_json_is_corrupt() -> None:
    with pytest.raises(CorruptModel):
        read_header(b'{"a": ', 0, "x")


@pytest.mark.parametrize(
    ("start", "size"),
    [
        (b"", 0),
        (b"\x10", 1),
        ((1000).to_bytes(8, "little"), 500),
        ((26_000_000).to_bytes(8, "little"), 10**9),
        (b"\xff" * 8, 10**9),
        ((0).to_bytes(8, "little"), 100),
    ],
)
def test_impossible_header_length_is_corrupt(start: bytes, size: int) -> None:
    with pytest.raises(CorruptModel):
        header_length(start, size, "x")
