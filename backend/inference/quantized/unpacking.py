"""Unpack GPTQ and AWQ weights: integers of 2, 4 or 8 bits in words of 32 bits.

A weight is scale * (integer - zero point), with a scale and zero point for each group of input
channels. The layouts are those that AutoGPTQ and AutoAWQ define and GPTQModel reads:
github.com/ModelCloud/GPTQModel, nn_modules/qlinear and quantization/awq/utils/packing_utils.py.
"""

import torch
from torch import Tensor

_WORD = 32
# AutoAWQ packs the columns 0, 2, 4, 6, 1, 3, 5, 7 of eight; this puts them in order again.
_AWQ_ORDER = (0, 4, 1, 5, 2, 6, 3, 7)
_AWQ_BITS = 4
# Elements that are unpacked at once, which bounds the memory beside the result.
_AT_ONCE = 1 << 22


def unpack_gptq(parts: dict[str, Tensor], inputs: int, dtype: torch.dtype, offset: int) -> Tensor:
    """The weight of shape (outputs, inputs).

    `parts`: qweight (inputs * bits / 32, outputs), qzeros (groups, outputs * bits / 32), scales
    (groups, outputs) and, if rows are not in the order of their groups (act-order), g_idx
    (inputs,) with the group of each. `offset` is 1 where zero points are stored minus one.
    Raises ValueError if the shapes do not fit.
    """
    words, scales = parts["qweight"], parts["scales"]
    bits = words.shape[0] * _WORD // inputs
    if bits not in {2, 4, 8} or words.shape[0] * _WORD != bits * inputs:
        raise ValueError(f"qweight of {words.shape[0]} rows for {inputs} inputs")
    zeros = (_fields(parts["qzeros"], bits, dim=1) + offset) & (2**bits - 1)
    groups = parts.get("g_idx")
    if groups is None or groups.numel() == 0:
        groups = torch.arange(inputs, device=words.device) * scales.shape[0] // inputs
    groups = groups.long()
    weight = torch.empty(words.shape[1], inputs, dtype=dtype, device=words.device)
    for part in _columns(words.shape[1], inputs):
        integers = _fields(words[:, part], bits, dim=0)
        shifted = integers - zeros[:, part][groups]
        weight[part] = (shifted * scales[:, part].float()[groups]).t().to(dtype)
    return weight


def unpack_awq(parts: dict[str, Tensor], inputs: int, dtype: torch.dtype) -> Tensor:
    """The weight of shape (outputs, inputs), of 4 bits in the GEMM layout.

    `parts`: qweight (inputs, outputs / 8), qzeros (groups, outputs / 8), scales (groups, outputs).
    Raises ValueError if the shapes do not fit.
    """
    words, scales = parts["qweight"], parts["scales"]
    if words.shape[0] != inputs or inputs % scales.shape[0]:
        raise ValueError(f"qweight of {words.shape[0]} rows for {inputs} inputs")
    zeros = _awq_fields(parts["qzeros"])
    repeats = inputs // scales.shape[0]
    weight = torch.empty(scales.shape[1], inputs, dtype=dtype, device=words.device)
    for part in _columns(words.shape[1], inputs * 8):
        columns = slice(part.start * 8, part.stop * 8)
        integers = _awq_fields(words[:, part])
        shifted = integers - zeros[:, columns].repeat_interleave(repeats, 0)
        scale = scales[:, columns].float().repeat_interleave(repeats, 0)
        weight[columns] = (shifted * scale).t().to(dtype)
    return weight


def _fields(words: Tensor, bits: int, dim: int) -> Tensor:
    """The integers in a matrix of words, lowest bits first, along rows (0) or columns (1)."""
    shifts = torch.arange(0, _WORD, bits, device=words.device, dtype=torch.int32)
    shape = (1, -1, 1) if dim == 0 else (1, 1, -1)
    fields = (words.unsqueeze(dim + 1) >> shifts.view(shape)) & (2**bits - 1)
    return fields.flatten(dim, dim + 1)


def _awq_fields(words: Tensor) -> Tensor:
    fields = _fields(words, _AWQ_BITS, dim=1).unflatten(1, (-1, 8))
    return fields[:, :, list(_AWQ_ORDER)].flatten(1)


def _columns(count: int, height: int) -> list[slice]:
    """Ranges of columns that have about _AT_ONCE elements each."""
    step = max(_AT_ONCE // height, 1)
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
