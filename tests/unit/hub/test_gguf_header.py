"""Headers of GGUF files, written by llama.cpp's own package, and damaged ones."""

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backend.errors.base import PlatformError
from backend.errors.model import CorruptModel
from backend.hub.gguf_header import Incomplete, read_header


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small file with every type of value, and tensors of three types."""
    path = tmp_path_factory.mktemp("gguf") / "a.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_uint8("a.u8", 255)
    writer.add_int8("a.i8", -1)
    writer.add_uint16("a.u16", 65535)
    writer.add_int16("a.i16", -2)
    writer.add_int32("a.i32", -3)
    writer.add_float32("a.f32", 0.5)
    writer.add_bool("a.bool", val=True)
    writer.add_uint64("a.u64", 2**40)
    writer.add_int64("a.i64", -(2**40))
    writer.add_float64("a.f64", 0.25)
    writer.add_string("a.text", "Grüße")
    writer.add_array("a.numbers", [1, 2, 3])
    writer.add_array("a.texts", ["x", "", "yz"])
    writer.add_chat_template("{{ messages }}")
    kinds = gguf.GGMLQuantizationType
    for kind in (kinds.F32, kinds.Q8_0, kinds.Q4_0):
        rows = np.ones((3, 64), dtype=np.float32)
        packed = rows if kind == kinds.F32 else gguf.quantize(rows, kind)
        writer.add_tensor(f"{kind.name}.weight", packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def test_header_is_what_was_written(whole: bytes) -> None:
    found = read_header(whole, len(whole), "a.gguf")
    assert found.text("general.architecture") == "llama"
    assert found.count("llama.context_length") == 4096
    values = {
        "a.u8": 255, "a.i8": -1, "a.u16": 65535, "a.i16": -2, "a.i32": -3, "a.f32": 0.5,
        "a.bool": True, "a.u64": 2**40, "a.i64": -(2**40), "a.f64": 0.25, "a.text": "Grüße",
    }  # fmt: skip
    assert {key: found.values[key] for key in values} == values
    assert found.arrays["a.numbers"] == [1, 2, 3]
    assert (found.lengths["a.texts"], found.has_chat_template) == (3, True)
    assert found.types == {"F32": 192, "Q8_0": 192, "Q4_0": 192}
    assert found.tensors == {"F32.weight", "Q8_0.weight", "Q4_0.weight"}


def test_tensors_are_where_the_library_finds_them(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(whole)
    last = gguf.GGUFReader(path).tensors[-1]
    assert read_header(whole, len(whole), "a.gguf").end == last.data_offset + last.n_bytes


def test_every_start_of_a_file_is_incomplete_and_nothing_else(whole: bytes) -> None:
    header = whole.index(b"Q4_0.weight") + len(b"Q4_0.weight") + 4 + 2 * 8 + 4 + 8
    for length in range(header):
        with pytest.raises(Incomplete):
            read_header(whole[:length], len(whole), "a.gguf")
    read_header(whole[:header], len(whole), "a.gguf")


def test_every_truncated_file_is_corrupt(whole: bytes) -> None:
    end = read_header(whole, len(whole), "a.gguf").end
    for length in range(0, end, 7):
        with pytest.raises(CorruptModel):
            read_header(whole[:length], length, "a.gguf")


@settings(max_examples=300, deadline=None)
@given(data=some.data())
def test_a_damaged_file_never_fails_otherwise(whole: bytes, data: some.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(some.integers(1, 4))):
        at = data.draw(some.integers(0, len(damaged) - 9))
        value = data.draw(some.one_of(some.binary(min_size=1, max_size=1), some.sampled_from(
            [struct.pack("<Q", n) for n in (0, 1, 2**31, 2**63, 2**64 - 1)]
        )))  # fmt: skip
        damaged[at : at + len(value)] = value
    try:
        found = read_header(bytes(damaged), len(damaged), "a.gguf")
    except PlatformError:
        return
    assert found.end <= len(damaged)


@pytest.mark.parametrize(("count", "values"), [(2**63, 0), (0, 2**63), (200_001, 0), (0, 65_537)])
def test_absurd_counts_are_rejected_at_once(count: int, values: int) -> None:
    start = b"GGUF" + struct.pack("<IQQ", 3, count, values)
    with pytest.raises(CorruptModel, match="too many"):
        read_header(start, 2**40, "a.gguf")
