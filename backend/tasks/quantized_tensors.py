"""Layouts of quantized weights, checked by the names and shapes in safetensors headers.

`Shapes` has the dtype (as safetensors names it) and the shape of each tensor by its name.
"""

import math
from collections.abc import Iterator, Mapping

Shapes = Mapping[str, tuple[str, tuple[int, ...]]]
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
WORD_BITS = 32
_SCALES = ("weight_scale_inv", "scale", "qscale_weight")
_NOT_WEIGHTS = ("scale", "scale_inv", "scales", "zero_point", "qscale_weight")
_BITS = {"F64": 64, "I64": 64, "F32": 32, "I32": 32, "F16": 16, "BF16": 16, "I16": 16, "F4": 4}


def bytes_of(dtype: str, shape: tuple[int, ...]) -> int:
    """Size of a tensor in bytes."""
    return math.prod(shape) * _BITS.get(dtype, 8) // 8


def modules_with(shapes: Shapes, part: str) -> Iterator[str]:
    """Names of the modules, with a final dot, that have a tensor of this name."""
    return (name.removesuffix(part) for name in shapes if name.endswith(f".{part}"))


def gptq_problem(shapes: Shapes, bits: int) -> str | None:
    """Why these are not GPTQ weights, or None. With act-order the group of each row is stored.

    qweight: (in * bits / 32, out); qzeros: (groups, out * bits / 32); scales: (groups, out);
    g_idx: (in,).
    """
    for module in modules_with(shapes, "qweight"):
        rows, out = _pair(shapes, f"{module}qweight")
        indices = shapes.get(f"{module}g_idx")
        wide = rows * WORD_BITS // indices[1][0] if indices and math.prod(indices[1]) else bits
        if wide not in {2, 4, 8}:
            return f"{module}qweight has {wide} bits, and only 2, 4 and 8 are supported"
        groups, columns = _pair(shapes, f"{module}scales")
        zeros = _pair(shapes, f"{module}qzeros")
        if not groups or columns != out or zeros != (groups, out * wide // WORD_BITS):
            return f"the tensors of {module[:-1]} are not in the layout of GPTQ"
    return _left_over(shapes)


def awq_problem(shapes: Shapes) -> str | None:
    """Why these are not 4-bit AWQ weights in the GEMM layout, or None.

    qweight: (in, out / 8); qzeros: (groups, out / 8); scales: (groups, out).
    """
    for module in modules_with(shapes, "qweight"):
        inner, packed = _pair(shapes, f"{module}qweight")
        groups, out = _pair(shapes, f"{module}scales")
        zeros = _pair(shapes, f"{module}qzeros")
        if not groups or inner % groups or packed * 8 != out or zeros != (groups, packed):
            return f"the tensors of {module[:-1]} are not in the GEMM layout of AWQ"
    return _left_over(shapes)


def fp8_problem(shapes: Shapes) -> str | None:
    """Why transformers cannot multiply the FP8 weights with their scales, or None.

    It does so for weights of layers, and requires blocks of equal size.
    """
    if problem := narrow_problem(shapes, ("weight",)):
        return problem
    for name in narrow(shapes):
        module, shape = name.removesuffix("weight"), shapes[name][1]
        scale = next((f"{module}{part}" for part in _SCALES if f"{module}{part}" in shapes), None)
        if scale is None:
            return f"{name} has no scale"
        pairs = zip(shape[-2:], shapes[scale][1][-2:], strict=False)
        if len(shape) < 2 or any(grid < 1 or size % grid for size, grid in pairs):
            return f"the size of {name} is not a multiple of its blocks"
    return None


def narrow(shapes: Shapes) -> list[str]:
    """Names of the tensors with elements of 8 bits or fewer, without scales."""
    return [
        name
        for name, (dtype, _) in shapes.items()
        if dtype.startswith(("F8_", "F6_", "F4", "I8", "U8")) and not name.endswith(_NOT_WEIGHTS)
    ]


def narrow_problem(shapes: Shapes, parts: tuple[str, ...]) -> str | None:
    """Why a quantized tensor would be loaded as if it were not, or None.

    transformers knows those of layers by the last part of their name, not experts in one tensor.
    """
    for name in narrow(shapes):
        if name.rpartition(".")[2] not in parts:
            return f"the layout of {name} is not supported"
    return None


def _pair(shapes: Shapes, name: str) -> tuple[int, int]:
    """The shape of a matrix; zeros without it."""
    _, shape = shapes.get(name, ("", ()))
    return (shape[0], shape[1]) if len(shape) == 2 else (0, 0)


def _left_over(shapes: Shapes) -> str | None:
    """Scales of something else, for example of activations, would be ignored."""
    if not any(True for _ in modules_with(shapes, "qweight")):
        return "its weight files contain no quantized tensors"
    for part in ("scales", "qzeros"):
        for module in modules_with(shapes, part):
            if f"{module}qweight" not in shapes:
                return f"it has {module}{part} without {module}qweight"
    return None
