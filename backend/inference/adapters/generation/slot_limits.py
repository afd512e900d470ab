"""Which sequences fit a running batch: by their length, and all of them by memory."""

from typing import Any, cast

import psutil
import torch

from backend.domain.server import ServerSpec

# Share of the memory that is left after loading. The rest is for activations, for requests that
# run with `generate`, and on a CPU for other processes.
_CPU_SHARE, _GPU_SHARE = 0.25, 0.5
# The preflight counts the cache of a sequence of this length as memory of the server.
LEAST_TOKENS = 2048


def token_budget(spec: ServerSpec, model: Any, bytes_per_token: int) -> int:
    """Maximum of rows times columns of the cache."""
    budget = int(_free_bytes(spec, model)) // max(1, bytes_per_token)
    return max(budget, LEAST_TOKENS)


def _free_bytes(spec: ServerSpec, model: Any) -> float:
    if model.device.type == "cuda":
        return torch.cuda.mem_get_info(model.device)[0] * _GPU_SHARE
    free = psutil.virtual_memory().available
    if spec.memory_limit_bytes is not None:
        free = min(free, max(0, spec.memory_limit_bytes - psutil.Process().memory_info().rss))
    return free * _CPU_SHARE


def longest_sequence(model: Any) -> int | None:
    """Length up to which a sequence does not change the others in its batch; None: any.

    Some rotary embeddings select their frequencies by the longest sequence of a batch.
    """
    limits: list[int] = []
    for module in model.modules():
        kinds = getattr(module, "rope_type", None)
        given = cast("dict[str | None, str]", kinds) if isinstance(kinds, dict) else {None: kinds}
        for layer, kind in given.items():
            if "dynamic" in str(kind):
                limits.append(int(module.original_max_seq_len))
            elif kind == "longrope":
                rope = module.config.rope_parameters
                rope = rope if layer is None else rope[layer]
                limits.append(int(rope["original_max_position_embeddings"]))
    return min(limits, default=None)
