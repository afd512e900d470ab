"""Quantize matrices as known libraries do, in numpy: packed tensors, and the weight they stand for.

`weight` has the shape (outputs, inputs), as of a linear layer. Independent of what is tested.
"""

from collections.abc import Callable

import numpy as np
import torch

Packed = dict[str, torch.Tensor]
# Tensors by the last part of their name, and the weight that they stand for.
Result = tuple[Packed, torch.Tensor]
Packing = Callable[[torch.Tensor], Result]
Matrix = np.ndarray
GROUP = 16


def words(integers: Matrix, bits: int, order: tuple[int, ...] | None = None) -> torch.Tensor:
    """Integers along the last axis into words of 32 bits, lowest bits first."""
    count = 32 // bits
    blocks = integers.reshape(*integers.shape[:-1], -1, count).astype(np.uint64)
    packed = np.zeros(blocks.shape[:-1], np.uint64)
    for place, source in enumerate(order or range(count)):
        packed |= blocks[..., source] << np.uint64(bits * place)
    return torch.from_numpy(packed.astype(np.uint32).view(np.int32).copy())


def affine(weight: Matrix, groups: Matrix, bits: int, zeros: Matrix) -> tuple[Matrix, Matrix]:
    """Integers (inputs, outputs) and scales (groups, outputs) for these zero points."""
    scales = np.empty(zeros.shape, np.float16)
    integers = np.empty(weight.shape, np.int64)
    for group in range(len(zeros)):
        rows = groups == group
        scales[group] = 2 * np.abs(weight[rows]).max(0) / 2**bits
        scaled = np.round(weight[rows] / scales[group].astype(np.float32))
        integers[rows] = np.clip(scaled + zeros[group], 0, 2**bits - 1)
    return integers, scales


def gptq(
    weight: torch.Tensor,
    *,
    bits: int = 4,
    offset: int = 1,
    act_order: bool = False,
    sym: bool = True,
) -> Result:
    """As AutoGPTQ stores it: zero points minus `offset`; g_idx is shuffled with act-order."""
    drawn = np.random.default_rng(weight.numel())
    matrix = weight.float().numpy().T
    inputs, outputs = matrix.shape
    groups = np.arange(inputs) // GROUP
    if act_order:
        groups = drawn.permutation(groups)
    shape = (inputs // GROUP, outputs)
    zeros = np.full(shape, 2 ** (bits - 1))
    if not sym:  # also 0, of which the stored value minus one is the largest
        zeros = drawn.integers(0, 2**bits, shape)
    integers, scales = affine(matrix, groups, bits, zeros)
    packed = {
        "qweight": words(integers.T, bits).t().contiguous(),
        "qzeros": words((zeros - offset) % 2**bits, bits),
        "scales": torch.from_numpy(scales),
        "g_idx": torch.from_numpy(groups.astype(np.int32)),
    }
    dense = (integers - zeros[groups]) * scales.astype(np.float32)[groups]
    return packed, torch.from_numpy(dense.T.astype(np.float32).copy())


def awq(weight: torch.Tensor) -> Result:
    """As AutoAWQ stores it: the columns 0, 2, 4, 6, 1, 3, 5, 7 of eight in a word."""
    packed, dense = gptq(weight, offset=0, sym=False)
    inputs, outputs = dense.shape[1], dense.shape[0]
    matrix, order = weight.float().numpy().T, (0, 2, 4, 6, 1, 3, 5, 7)
    drawn = np.random.default_rng(weight.numel())
    zeros = drawn.integers(0, 16, (inputs // GROUP, outputs))
    integers, _ = affine(matrix, np.arange(inputs) // GROUP, 4, zeros)
    return {
        "qweight": words(integers, 4, order), "qzeros": words(zeros, 4, order),
        "scales": packed["scales"],
    }, dense  # fmt: skip


def fp8_blocks(weight: torch.Tensor, block: int = 32) -> Result:
    """As fine-grained FP8 stores it: a scale for each square block."""
    rows, columns = weight.shape
    blocks = weight.float().reshape(rows // block, block, columns // block, block)
    scales = blocks.abs().amax((1, 3)) / 448
    wide = scales[:, None, :, None]
    stored = (blocks / wide).to(torch.float8_e4m3fn)
    dense = (stored.float() * wide).reshape(rows, columns)
    return {"weight": stored.reshape(rows, columns), "weight_scale_inv": scales}, dense


def fp8_channels(weight: torch.Tensor) -> Result:
    """As compressed-tensors stores `float-quantized`: a scale for each output channel.

    It multiplies them in the dtype of the scales.
    """
    scales = (weight.float().abs().amax(1, keepdim=True) / 448).to(torch.bfloat16)
    stored = (weight.float() / scales.float()).to(torch.float8_e4m3fn)
    return {"weight": stored, "weight_scale": scales}, (stored.to(torch.bfloat16) * scales).float()


def int4_groups(weight: torch.Tensor) -> Result:
    """As compressed-tensors stores `pack-quantized`: integers plus 8 along the inputs."""
    matrix = weight.float().numpy()
    rows, columns = matrix.shape
    grouped = matrix.reshape(rows, columns // GROUP, GROUP)
    scales = (np.abs(grouped).max(2) / 7).astype(np.float16)
    wide = scales.astype(np.float32)[:, :, None]
    integers = np.clip(np.round(grouped / wide), -8, 7)
    rounded = integers.astype(np.float16) * scales[:, :, None]
    dense = torch.from_numpy(rounded.reshape(rows, columns).astype(np.float32))
    return {
        "weight_packed": words(integers.reshape(rows, columns) + 8, 4),
        "weight_scale": torch.from_numpy(scales),
        "weight_shape": torch.tensor([rows, columns]),
    }, dense  # fmt: skip
