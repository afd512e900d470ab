"""`python -m benchmarks.offline.generation FOLDER DTYPE`: transformers' `generate()`, greedy.

`{"prompts": […], "batch": 4, "new_tokens": 32}` returns tokens per second. `bandwidth` in the
result is what one core reads from memory, in bytes per second.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from benchmarks.offline.loop import serve

BANDWIDTH_FLOATS = 64 * 1024 * 1024


def bandwidth() -> float:
    """Return the bytes per second of the fastest of five reads of 256 MB."""
    values = np.ones(BANDWIDTH_FLOATS, np.float32)
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        np.dot(values, values)
        best = max(best, values.nbytes / (time.perf_counter() - began))
    return best


class Generate:
    """A loaded model."""

    def __init__(self, folder: Path, dtype: str) -> None:
        torch.set_num_threads(1)
        self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype)
        ).eval()
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
            folder, padding_side="left"
        )
        self._bandwidth = bandwidth()

    def __call__(self, command: dict[str, Any]) -> dict[str, Any]:
        """Generate for all prompts, `batch` at a time."""
        prompts, size, count = command["prompts"], command["batch"], command["new_tokens"]
        made = 0
        began = time.perf_counter()
        for first in range(0, len(prompts), size):
            batch = self._tokenizer(
                prompts[first : first + size], padding=True, return_tensors="pt"
            )
            tokens = self._model.generate(
                **batch, max_new_tokens=count, min_new_tokens=count, do_sample=False
            )
            made += tokens.shape[0] * (tokens.shape[1] - batch["input_ids"].shape[1])
        rate = made / (time.perf_counter() - began)
        size_bytes = sum(p.numel() * p.element_size() for p in self._model.parameters())
        return {"rate": rate, "bandwidth": self._bandwidth, "weight_bytes": size_bytes}


if __name__ == "__main__":
    transformers.utils.logging.set_verbosity_error()
    serve(Generate(Path(sys.argv[1]), sys.argv[2]))
