"""Which sequences fit a running batch: by their length, and all of them by memory."""

import contextlib
import os
from pathlib import Path
from typing import Any, cast

import torch

from backend.domain.server import ServerSpec

# Share of the memory that is left after loading. The rest is for activations, for requests that
# run with `generate`, and on a CPU for other processes.
_CPU_SHARE, _GPU_SHARE = 0.25, 0.5
# The preflight counts the cache of a sequence of this length as memory of the server.
LEAST_TOKENS = 2048
_MACHINE, _PROCESS = Path("/proc/meminfo"), Path("/proc/self/statm")


def token_budget(spec: ServerSpec, model: Any, bytes_per_token: int) -> int:
    """Maximum of rows times columns of the cache."""
    budget = int(_free_bytes(spec, model)) // max(1, bytes_per_token)
    return max(budget, LEAST_TOKENS)


def _free_bytes(spec: ServerSpec, model: Any) -> float:
    if model.device.type == "cuda":
        return torch.cuda.mem_get_info(model.device)[0] * _GPU_SHARE
    free = _available_bytes()
    if spec.memory_limit_bytes is not None:
        free = min(free, max(0, spec.memory_limit_bytes - _resident_bytes()))
    return free * _CPU_SHARE


def _available_bytes() -> int:
    """Memory that the machine could give to processes; half of all of it where it is not known."""
    # A server that runs code of a repository may not read these files.
    with contextlib.suppress(OSError):
        rows = (line.split() for line in _MACHINE.read_text().splitlines())
        return next(int(row[1]) * 1024 for row in rows if row[0] == "MemAvailable:")
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _resident_bytes() -> int:
    """Memory of this process; 0 where it is not known."""
    with contextlib.suppress(OSError):
        return int(_PROCESS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


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
