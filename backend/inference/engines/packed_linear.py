"""Linear layers whose weights are stored in the order in which oneDNN reads them.

A product with a weight in the usual order reorders it each time, or reads it less well. How much
faster a packed one is depends on the processor: prepare measures it.
"""

import ctypes
import logging
import mmap
import sys
from collections import Counter
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)

# Smaller layers gain less than the call costs.
_LEAST_VALUES = 64 * 64
_SEED, _TOLERANCE = 0, {torch.float32: 1e-4, torch.bfloat16: 2e-2}


def pack_linear_weights(model: Any) -> int:
    """Pack the weights of all linear layers on a CPU, in place; return their number.

    Only instances of `nn.Linear` itself: other classes may use their weights in other ways. The
    usual weight is released, and reads as NaN from then on, unless another module has it too. The
    functions are torch's own, of its compiler, and private: if they are missing or compute
    something else, nothing is packed and 0 is returned.
    """
    if not isinstance(model, nn.Module):
        return 0
    uses = Counter(id(w) for one in model.modules() for w in one.parameters(recurse=False))
    layers = [one for one in model.modules() if isinstance(one, nn.Linear) and _is_packable(one)]
    if not all(_works(dtype) for dtype in {layer.weight.dtype for layer in layers}):
        return 0
    for layer in layers:
        weight: Tensor = layer.weight.detach()
        layer.forward = partial(_product, _packed(weight), layer.bias)
        if uses[id(layer.weight)] == 1:
            _unmap(weight)
            layer.weight = nn.Parameter(_absent(weight), requires_grad=False)
    return len(layers)


def _is_packable(layer: nn.Linear) -> bool:
    weight = layer.weight
    is_plain = type(layer) is nn.Linear and weight.device.type == "cpu"
    return is_plain and weight.dtype in _TOLERANCE and weight.numel() >= _LEAST_VALUES


def _packed(weight: Tensor) -> Tensor:
    return torch.ops.mkldnn._reorder_linear_weight(weight)


def _product(weight: Tensor, bias: Tensor | None, input: Tensor) -> Tensor:  # noqa: A002 - nn.Linear's
    """`input` [..., in] times the packed weight [out, in]: [..., out]."""
    rows = input if input.dim() > 1 else input[None]
    made = torch.ops.mkldnn._linear_pointwise.default(rows, weight, bias, "none", [], "")
    return made if input.dim() > 1 else made[0]


def _absent(weight: Tensor) -> Tensor:
    """NaN in the shape of this weight, without memory: code that still reads it is noticed."""
    return torch.full((), torch.nan, dtype=weight.dtype).expand(weight.shape)


def _unmap(weight: Tensor) -> None:
    """Take the pages of a weight that nobody needs any more out of this process.

    They were read for packing, and would count as its memory as long as the file is mapped.
    """
    if not sys.platform.startswith("linux") or not weight.is_contiguous():
        return
    page = mmap.PAGESIZE
    begin = -(-weight.data_ptr() // page) * page
    end = (weight.data_ptr() + weight.nbytes) // page * page
    if end > begin:
        libc = ctypes.CDLL(None)
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), mmap.MADV_DONTNEED)


def _works(dtype: torch.dtype) -> bool:
    """Whether a packed product is the usual one, for one row and for several."""
    try:
        with torch.inference_mode():
            return all(_agrees(rows, dtype) for rows in (1, 5))
    except (AttributeError, RuntimeError, NotImplementedError):
        log.warning("weights are not packed: torch %s cannot do it here", torch.__version__)
        return False


def _agrees(rows: int, dtype: torch.dtype) -> bool:
    source = torch.Generator().manual_seed(_SEED)
    weight = torch.randn(96, 80, generator=source).to(dtype)
    values, bias = torch.randn(rows, 80, generator=source).to(dtype), weight[:, 0].contiguous()
    usual = nn.functional.linear(values, weight, bias)
    found = _product(_packed(weight), bias, values)
    largest = usual.abs().max()
    return bool(((usual - found).abs().max() <= _TOLERANCE[dtype] * largest).item())
