"""Parse and validate safetensors headers: invalid ones have exposed memory in other programs."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import orjson

from backend.errors.model import CorruptModel

MAX_HEADER = 25_000_000
DTYPE_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8,
    "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8,
    "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
DTYPE_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


@dataclass(frozen=True)
class Tensors:
    """Number of elements of each dtype in a weight file, and dtype and shape of each tensor.

    `shapes` is empty where they are not known, as of pickle files.
    """

    counts: dict[str, int]
    shapes: dict[str, tuple[str, tuple[int, ...]]] = field(
        default_factory=dict[str, tuple[str, tuple[int, ...]]]
    )

    @property
    def parameters(self) -> int:
        """Number of parameters, over all dtypes."""
        return sum(self.counts.values())

    @property
    def dtype(self) -> str | None:
        """The most common dtype, as torch names it; None without tensors."""
        if not self.counts:
            return None
        common = max(self.counts, key=self.counts.__getitem__)
        return DTYPE_NAMES.get(common, common.lower())


def together(files: list[Tensors]) -> Tensors:
    """The sum over shards."""
    total: Counter[str] = Counter()
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {}
    for one in files:
        total.update(one.counts)
        shapes |= one.shapes
    return Tensors(dict(total), shapes)


def header_length(start: bytes, file_bytes: int, name: str) -> int:
    """Header length in bytes, from the first 8 bytes. Raises CorruptModel if it cannot fit."""
    length = int.from_bytes(start[:8], "little")
    if len(start) < 8 or length < 2 or length > MAX_HEADER or 8 + length > file_bytes:
        raise CorruptModel(f"The header of {name!r} has an invalid length.")
    return length


def read_header(raw: bytes, data_bytes: int, name: str) -> Tensors:
    """Validate a header against the size of the data that follows. Raises CorruptModel."""
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise CorruptModel(f"The header of {name!r} is not valid JSON.") from error
    if not isinstance(parsed, dict):
        raise CorruptModel(f"The header of {name!r} is not a table of tensors.")
    entries = cast("dict[str, object]", parsed)
    entries.pop("__metadata__", None)
    counts: Counter[str] = Counter()
    spans: list[tuple[int, int]] = []
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {}
    for key, entry in entries.items():
        dtype, shape, span = _tensor(entry, name)
        counts[dtype] += math.prod(shape)
        shapes[key] = dtype, shape
        spans.append(span)
    _check_contiguous(sorted(spans), data_bytes, name)
    return Tensors(dict(counts), shapes)


def _tensor(entry: object, name: str) -> tuple[str, tuple[int, ...], tuple[int, int]]:
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    dtype, shape, offsets = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise CorruptModel(f"A tensor of {name!r} has an unknown dtype.")
    sizes, (begin, end) = _integers(shape, name), _pair(_integers(offsets, name), name)
    if end - begin != (math.prod(sizes) * DTYPE_BITS[dtype] + 7) // 8:
        raise CorruptModel(f"A tensor of {name!r} has a shape that does not match its bytes.")
    return dtype, tuple(sizes), (begin, end)


def _integers(value: object, name: str) -> list[int]:
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    numbers = [item for item in items if type(item) is int and 0 <= item < 2**63]
    if len(numbers) != len(items):
        raise CorruptModel(
            f"A tensor of {name!r} has a size or offset that is not a natural number."
        )
    return numbers


def _pair(numbers: list[int], name: str) -> tuple[int, int]:
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise CorruptModel(f"A tensor of {name!r} has invalid offsets.")
    return numbers[0], numbers[1]


def _check_contiguous(spans: list[tuple[int, int]], data_bytes: int, name: str) -> None:
    position = 0
    for begin, end in spans:
        if begin != position:
            raise CorruptModel(f"The tensors of {name!r} overlap or leave a gap.")
        position = end
    if position != data_bytes:
        raise CorruptModel(
            f"{name!r} should contain {position:,} bytes of tensors but contains {data_bytes:,}."
        )
