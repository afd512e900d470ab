"""Estimate generation speed: each token reads every weight once, so memory bandwidth limits it."""

import time
from functools import cache

from backend.domain.model import ModelFacts
from backend.host.fit import gigabytes
from backend.host.memory import weight_bytes

_BLOCK = 24_000_000
# Time of a step besides memory access: Python and small kernels, about this for each layer.
_LAYER_SECONDS = 0.0004


@cache
def memory_bandwidth() -> float:
    """Bytes per second of one copy, read plus write; measured once, takes 30 ms."""
    source, target = memoryview(bytearray(_BLOCK)), memoryview(bytearray(_BLOCK))
    times: list[float] = []
    for _ in range(4):
        began = time.perf_counter()
        target[:] = source
        times.append(time.perf_counter() - began)
    return 2 * _BLOCK / min(times)


def expected_speed(
    model: ModelFacts, dtype: str, task: str, bandwidth: float | None = None
) -> str | None:
    """A sentence for text generation; None for other tasks or without a known size."""
    size = weight_bytes(model, dtype)
    if task != "text-generation" or size <= 0:
        return None
    pace = bandwidth or memory_bandwidth()
    layers = model.config.get("num_hidden_layers")
    steps = layers if type(layers) is int and 0 < layers < 1000 else 24
    tokens = 1 / (size / pace + steps * _LAYER_SECONDS)
    shown = f"{tokens:.1f}" if tokens < 3 else f"{tokens:.0f}"
    return (
        f"About {shown} tokens per second: {gigabytes(pace)}/s memory bandwidth over "
        f"{gigabytes(size)} read for each token."
    )
