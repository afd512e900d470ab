"""Weight files with the recorded size, dtype and layout, of which only headers exist.

The real headers are not known. These have one tensor with the recorded number of parameters, or
the tensors of a quantized layer again and again, so that the inspection reads them like real files.
"""

from __future__ import annotations

import io
import json
import math
import pickle
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.hub.headers import DTYPE_BITS
from backend.tasks.gguf import tensor_types

Tensors = Mapping[str, tuple[str, list[int]]]
_STORAGES = {
    "F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage", "U8": "ByteStorage",
}  # fmt: skip
_STRING, _ARRAY, _UINT32 = 8, 9, 4
# The type of most tensors in a file of mixed types, where its name is not a type itself.
_MIXED = {"MXFP4_MOE": "MXFP4"}


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file of `size` bytes, zeros but for the parts at these positions."""

    size: int
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def part(self, first: int, last: int) -> bytes:
        """Bytes from first to last, both included; fewer if the file ends before."""
        found = bytearray(max(min(last + 1, self.size) - first, 0))
        for start, raw in self.parts.items():
            low, high = max(start, first), min(start + len(raw), first + len(found))
            if low < high:
                found[low - first : high - first] = raw[low - start : high - start]
        return bytes(found)


def safetensors(parameters: int, dtype: str, known: Tensors | None = None) -> Content:
    """A safetensors file with the known tensors, and one with the other parameters."""
    named = dict(known or {})
    others = parameters - sum(math.prod(shape) for _, shape in named.values())
    return _safetensors({**named, "all.weight": (dtype, [max(others, 1)])})


def quantized(name: str, size: int, layer: Tensors) -> Content:
    """A safetensors file of about this size, in which every layer is like the recorded one."""
    times = max(round(size / sum(_bytes(*one) for one in layer.values())), 1)
    # Different names in each shard.
    return _safetensors(
        {f"{name}.{n}.{key}": one for n in range(times) for key, one in layer.items()}
    )


def _safetensors(tensors: Tensors) -> Content:
    header: dict[str, object] = {}
    end = 0
    for name, (dtype, shape) in tensors.items():
        begin, end = end, end + _bytes(dtype, shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    raw = json.dumps(header).encode()
    start = struct.pack("<Q", len(raw)) + raw
    return Content(size=len(start) + end, parts={0: start})


def _bytes(dtype: str, shape: list[int]) -> int:
    return (math.prod(shape) * DTYPE_BITS[dtype] + 7) // 8


def torch_pickle(parameters: int, dtype: str) -> Content:
    """A file as torch.save writes it, with one storage."""
    number = pickle.dumps(parameters, 2)[2:-1]
    storage = f"ctorch\n{_STORAGES[dtype]}\n".encode()
    fields = _text("storage") + storage + _text("0") + _text("cpu") + number
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02(" + fields + b"tQ.")
    raw = packed.getvalue()
    data = parameters * DTYPE_BITS[dtype] // 8
    # A zip file may have other bytes before it; torch's files start with the mark of an entry.
    return Content(size=data + len(raw), parts={0: raw[:4], data: raw})


def onnx(size: int) -> Content:
    """An ONNX file whose operators and inputs are not known."""
    name = b"\x12" + _varint(max(size - 12, 0))
    start = b"\x3a" + _varint(len(name) + max(size - 12, 0)) + name
    return Content(size=len(start) + max(size - 12, 0), parts={0: start})


def gguf(size: int, parameters: int, quantization: str, metadata: Mapping[str, object]) -> Content:
    """A GGUF file with one tensor of the type of its quantization, and a vocabulary."""
    values = {"tokenizer.ggml.tokens": ["token"], **metadata}
    kinds = {kind.name: number for number, kind in tensor_types().items()}
    name = _MIXED.get(quantization, quantization.removeprefix("UD-"))
    number = next((kinds[one] for one in (name, name.rpartition("_")[0], "F32") if one in kinds), 0)
    kind = tensor_types()[number]
    blocks = max(min(parameters // kind.block, (size - 100_000) // kind.bytes), 1)
    raw = b"GGUF" + struct.pack("<IQQ", 3, 1, len(values))
    raw += b"".join(_name(key) + _value(value) for key, value in values.items())
    raw += _name("remaining.weight") + struct.pack("<IQIQ", 1, blocks * kind.block, number, 0)
    return Content(size=size, parts={0: raw})


def _value(value: object) -> bytes:
    match value:
        case str():
            return struct.pack("<I", _STRING) + _name(value)
        case int():
            return struct.pack("<II", _UINT32, value)
        case [*items]:
            return struct.pack("<IIQ", _ARRAY, _STRING, len(items)) + b"".join(map(_name, items))
        case _:
            message = f"GGUF metadata of this kind is not written: {value!r}"
            raise ValueError(message)


def _name(text: object) -> bytes:
    raw = str(text).encode()
    return struct.pack("<Q", len(raw)) + raw


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
