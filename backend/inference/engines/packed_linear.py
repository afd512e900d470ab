"""Linear layers whose weights are stored in the order in which oneDNN reads them.

A product with a weight in the usual order reorders it each time, or reads it less well. How much
faster a packed one is depends on the processor: prepare measures it.
"""

import logging
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
    if not isinstance(model, nn.Module) or not _works(model.dtype):
        return 0
    uses = Counter(id(weight) for one in model.modules() for weight in one.parameters(False))
    layers = [one for one in model.modules() if _is_packable(one)]
    for layer in layers:
        weight: Tensor = layer.weight.detach()
        layer.forward = partial(_product, _packed(weight), layer.bias)
        if uses[id(layer.weight)] == 1:
            layer.weight = nn.Parameter(_absent(weight), requires_grad=False)
    return len(layers)


def _is_packable(module: nn.Module) -> bool:
    if type(module) is not nn.Linear or module.weight.device.type != "cpu":
        return False
    return module.weight.dtype in _TOLERANCE and module.weight.numel() >= _LEAST_VALUES


def _packed(weight: Tensor) -> Tensor:
    return torch.ops.mkldnn._reorder_linear_weight(weight)


def _product(weight: Tensor, bias: Tensor | None, values: Tensor) -> Tensor:
    """`values` [..., in] times the packed weight [out, in]: [..., out]."""
    rows = values if values.dim() > 1 else values[None]
    made = torch.ops.mkldnn._linear_pointwise.default(rows, weight, bias, "none", [], "")
    return made if values.dim() > 1 else made[0]


def _absent(weight: Tensor) -> Tensor:
    """NaN in the shape of this weight, without memory: code that still reads it is noticed."""
    return torch.full((), torch.nan, dtype=weight.dtype).expand(weight.shape)


def _works(dtype: torch.dtype) -> bool:
    """Whether a packed product is the usual one, for one row and for several."""
    if dtype not in _TOLERANCE:
        return False
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
