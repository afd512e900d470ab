"""Read and validate the header of a GGUF file: its metadata, and the layout of its tensors.

The format is that of ggml (github.com/ggml-org/ggml, docs/gguf.md), versions 2 and 3, little
endian. Malformed files have exposed memory in other programs: every length is checked against the
file before it is used, and llama.cpp only loads what passes here.
"""

import math
import struct
from dataclasses import dataclass, field

from backend.errors.model import CorruptModel, ModelNotSupported
from backend.tasks.gguf import TensorType, tensor_types

MAX_HEADER = 128_000_000
_MAGIC = b"GGUF"
_LENGTH = struct.Struct("<Q")
_VERSIONS = (2, 3)
_SCALARS = {
    0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_MOST_VALUES = 65_536
_MOST_TENSORS = 200_000
_MOST_DIMENSIONS = 4
_LONGEST_NAME = 256
# Longer arrays, such as the vocabulary, are counted and skipped.
_LONGEST_KEPT = 4096
_ALIGNMENT = "general.alignment"

Scalar = int | float | bool | str


class Incomplete(Exception):
    """The header continues after the known part of the file."""


@dataclass(kw_only=True)
class GgufHeader:
    """`values` by key, `arrays` of numbers if they are short, `lengths` of all arrays.

    `types` has the number of elements of each tensor type, `end` is the size in bytes that the file
    must have at least.
    """

    values: dict[str, Scalar] = field(default_factory=dict[str, Scalar])
    arrays: dict[str, list[Scalar]] = field(default_factory=dict[str, list[Scalar]])
    lengths: dict[str, int] = field(default_factory=dict[str, int])
    tensors: set[str] = field(default_factory=set[str])
    types: dict[str, int] = field(default_factory=dict[str, int])
    end: int = 0

    def text(self, key: str) -> str | None:
        """A string value."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    @property
    def has_chat_template(self) -> bool:
        """Whether the file has a template for conversations."""
        return bool(self.text("tokenizer.chat_template"))

    def count(self, key: str) -> int | None:
        """A number of things."""
        value = self.values.get(key)
        return value if type(value) is int and value >= 0 else None


def read_header(data: bytes | memoryview, size: int, name: str) -> GgufHeader:
    """The header of a file of `size` bytes, of which `data` is the start.

    Raises Incomplete if the header is longer than `data`; CorruptModel; ModelNotSupported for a
    version or a tensor type that llama.cpp does not have.
    """
    return _Parser(data, size, name).header()


def _padded(length: int, alignment: int) -> int:
    return -(-length // alignment) * alignment


class _Parser:
    def __init__(self, data: bytes | memoryview, size: int, name: str) -> None:
        self._data = memoryview(data)
        self._size = size
        self._name = name
        self._at = 0

    def header(self) -> GgufHeader:
        found = GgufHeader()
        if bytes(self._take(4)) != _MAGIC:
            raise self._corrupt("does not start as one")
        version = self._number("I")
        if version not in _VERSIONS:
            raise ModelNotSupported(
                f"{self._name!r} has GGUF version {version}, or is big-endian; llama.cpp reads "
                "versions 2 and 3.",
                instead="Choose a file that was converted with a current llama.cpp.",
            )
        tensors, values = self._number("Q"), self._number("Q")
        if tensors > _MOST_TENSORS or values > _MOST_VALUES:
            raise self._corrupt("has too many entries")
        for _ in range(values):
            self._value(found)
        self._tensors(found, tensors)
        return found

    def _value(self, found: GgufHeader) -> None:
        key = self._string()
        if not key or key in found.values or key in found.lengths:
            raise self._corrupt("has an empty or repeated key")
        kind = self._number("I")
        if kind == _ARRAY:
            self._array(found, key)
        elif kind == _STRING:
            found.values[key] = self._string()
        else:
            found.values[key] = self._number(self._format(kind))

    def _array(self, found: GgufHeader, key: str) -> None:
        kind, length = self._number("I"), self._number("Q")
        found.lengths[key] = length
        if kind == _STRING:
            self._skip_strings(length)
            return
        code = self._format(kind)
        width = struct.calcsize(f"<{code}")
        raw = self._take(width * length)
        if length <= _LONGEST_KEPT:
            found.arrays[key] = list(struct.unpack(f"<{length}{code}", raw))

    def _skip_strings(self, count: int) -> None:
        """Skip an array of strings: hundreds of thousands in a vocabulary."""
        self._check_room(_LENGTH.size * count)
        data, at, known = self._data, self._at, len(self._data) - _LENGTH.size
        for _ in range(count):
            if at > known:
                break
            at += _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
        else:
            self._take(at - self._at)
            return
        self._take(at + _LENGTH.size - self._at)

    def _tensors(self, found: GgufHeader, count: int) -> None:
        alignment = found.values.get(_ALIGNMENT, 32)
        if type(alignment) is not int or alignment < 1 or alignment & (alignment - 1):
            raise self._corrupt("has an invalid alignment")
        types, offset = tensor_types(), 0
        for _ in range(count):
            name = self._string(_LONGEST_NAME)
            shape, kind = self._shape(), self._number("I")
            if name in found.tensors:
                raise self._corrupt("has two tensors of one name")
            if kind not in types:
                raise ModelNotSupported(
                    f"{self._name!r} has tensors of the type {kind}, which llama.cpp lacks.",
                    instead="Choose another quantization.",
                )
            if self._number("Q") != offset:
                raise self._corrupt("has tensors that are not in order")
            found.tensors.add(name)
            length, title = self._bytes(types[kind], shape), types[kind].name
            found.types[title] = found.types.get(title, 0) + math.prod(shape)
            found.end = offset + length
            offset += _padded(length, alignment)
        found.end += _padded(self._at, alignment) if count else self._at
        if found.end > self._size:
            raise self._corrupt("is truncated")

    def _shape(self) -> tuple[int, ...]:
        count = self._number("I")
        if not 0 < count <= _MOST_DIMENSIONS:
            raise self._corrupt("has a tensor with an invalid number of dimensions")
        shape = tuple(self._number("Q") for _ in range(count))
        if not all(shape) or math.prod(shape) > 1 << 48:
            raise self._corrupt("has a tensor with an invalid shape")
        return shape

    def _bytes(self, kind: TensorType, shape: tuple[int, ...]) -> int:
        if shape[0] % kind.block:
            raise self._corrupt("has a row that is not a multiple of its block")
        return math.prod(shape) // kind.block * kind.bytes

    def _format(self, kind: int) -> str:
        if kind not in _SCALARS:
            raise self._corrupt("has a value of an unknown type")
        return _SCALARS[kind]

    def _string(self, most: int = MAX_HEADER) -> str:
        length = self._number("Q")
        if length > most:
            raise self._corrupt("has a name that is too long")
        return bytes(self._take(length)).decode("utf-8", "replace")

    def _number(self, code: str) -> int:
        return struct.unpack(f"<{code}", self._take(struct.calcsize(f"<{code}")))[0]

    def _take(self, length: int) -> memoryview:
        self._check_room(length)
        end = self._at + length
        if end > len(self._data):
            raise Incomplete
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _check_room(self, length: int) -> None:
        end = self._at + length
        if end > self._size:
            raise self._corrupt("is truncated")
        if end > MAX_HEADER:
            raise self._corrupt("has a header of more than 128 MB")

    def _corrupt(self, why: str) -> CorruptModel:
        return CorruptModel(f"{self._name!r} is not a valid GGUF file: it {why}.")
