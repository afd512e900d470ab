"""Which ONNX file is chosen, and what the structure of a file says."""

import pytest

from backend.errors.model import CorruptModel
from backend.hub.onnx_files import parts_of, select_onnx
from backend.hub.onnx_graph import read_graph


def field(number: int, content: bytes | str) -> bytes:
    """A field with a length of a protocol buffer; its length in two bytes."""
    raw = content.encode() if isinstance(content, str) else content
    tag = number << 3 | 2
    low = bytes([tag & 0x7F | 0x80, tag >> 7]) if tag > 127 else bytes([tag])
    return low + bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7]) + raw


def tensor(name: str, location: str | None = None) -> bytes:
    raw = field(8, name)
    return raw + (field(13, field(1, "location") + field(2, location)) if location else b"")


def model(*parts: bytes, after: bytes = b"") -> bytes:
    return b"\x08\x08" + field(7, b"".join(parts)) + after


@pytest.mark.parametrize(
    ("paths", "dtype", "chosen", "precision"),
    [
        (["model.onnx", "onnx/model.onnx"], "auto", "model.onnx", "float32"),
        (["onnx/model_fp16.onnx", "onnx/model.onnx"], "auto", "onnx/model.onnx", "float32"),
        (["onnx/model_fp16.onnx", "onnx/model.onnx"], "float16", "onnx/model_fp16.onnx", "float16"),
        (["onnx/model.onnx"], "float16", "onnx/model.onnx", "float32"),
        (["onnx/model_bnb4.onnx", "onnx/model_quantized.onnx"], "auto",
         "onnx/model_quantized.onnx", "int8"),
        (["onnx/model_qint8_avx512_vnni.onnx"], "auto", "onnx/model_qint8_avx512_vnni.onnx",
         "int8"),
        (["onnx/model_q4f16.onnx"], "auto", "onnx/model_q4f16.onnx", "int4"),
    ],
)  # fmt: skip
def test_full_precision_is_chosen_unless_another_is_requested(
    paths: list[str], dtype: str, chosen: str, precision: str
) -> None:
    found = select_onnx(paths, dtype)
    assert found is not None
    assert (found.path, found.dtype) == (chosen, precision)


@pytest.mark.parametrize(
    "path", ["onnx/decoder_model_merged.onnx", "detector.onnx", "old/model.onnx", "model.onnx_data"]
)
def test_other_files_are_no_whole_model(path: str) -> None:
    assert select_onnx([path]) is None


def test_data_files_and_parts_are_recognized_by_name() -> None:
    beside = ["onnx/model.onnx_data", "onnx/model.onnx_data_1", "onnx/model_fp16.onnx_data"]
    found = select_onnx(["onnx/model.onnx", "onnx/model_fp16.onnx", *beside])
    assert found is not None
    assert found.data == beside[:2]

    assert parts_of(["onnx/decoder_model.onnx", "a.txt"]) == ["onnx/decoder_model.onnx"]


def test_structure_is_read_at_every_depth() -> None:
    inner = field(1, field(4, "Op") + field(7, "inner.domain")) + field(5, tensor("i", "deep.bin"))
    attribute = field(5, field(6, inner))
    constant = field(1, field(5, field(5, tensor("c", "constant.bin"))))
    sparse = field(15, field(1, tensor("s", "sparse.bin")))
    function = field(25, field(7, field(7, "used.domain")) + field(10, "pkg.own"))
    raw = model(
        field(1, attribute), constant, sparse, field(5, tensor("w", "top.bin")),
        field(1, field(7, "pkg.own")), field(11, field(1, "input_ids")), field(11, field(1, "w")),
        after=function,
    )  # fmt: skip
    found = read_graph(raw, len(raw), "model.onnx")
    assert found.is_complete
    assert found.locations == {"deep.bin", "constant.bin", "sparse.bin", "top.bin"}
    assert found.custom_domains == ["inner.domain", "used.domain"]
    assert found.required_inputs == ["input_ids"]


def test_start_of_a_file_says_what_it_contains() -> None:
    raw = model(
        field(1, field(7, "ai.onnx.contrib")), field(1, field(7, "pkg.torch")),
        field(5, tensor("w", "w.bin")), field(5, field(9, bytes(5000))),
        field(11, field(1, "input_ids")),
    )  # fmt: skip
    found = read_graph(raw[:400], len(raw), "model.onnx")
    assert not found.is_complete
    assert (found.custom_domains, found.locations) == (["ai.onnx.contrib"], {"w.bin"})


def nested(depth: int) -> bytes:
    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))
    return graph


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x08\x08", b"<html></html>", b"PK\x03\x04" + bytes(60), b"\x80" * 20, b"\x0f\x00",
        model(field(5, tensor("w")))[:-3], model(b"\x2a\xff\xff\xff\xff\x7f"), model(nested(20)),
    ],
)  # fmt: skip
def test_file_that_is_no_model_is_corrupt(raw: bytes) -> None:
    with pytest.raises(CorruptModel):
        read_graph(raw, len(raw), "model.onnx")
