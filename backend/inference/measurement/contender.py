"""A candidate with its model in memory, its times and its comparisons."""

import mmap
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from backend.domain.deployment import Candidate
from backend.domain.measurement import spec_of
from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.inference.adapters.base import Prepared, Scoring
from backend.inference.guard import guarded
from backend.inference.loading import load
from backend.inference.measurement.comparison import Comparison, arrays_of, compare
from backend.inference.measurement.inputs import inputs_of, size_with
from backend.tasks.agreement import COMPARED, Compared

GROUP = 4


class Contender:
    """Runs one candidate. `is_out` once it has failed."""

    def __init__(self, spec: ServerSpec, candidate: Candidate) -> None:
        self.candidate = candidate
        self._spec = spec_of(spec, candidate)
        self._compared: Compared | None = COMPARED.get(spec.task)
        self._alone: list[float] = []
        self._group: list[float] = []
        self._found: list[Comparison] = []
        self._memory: int | None = None
        self.is_out = False

    def load(self) -> None:
        """Load the model and run it once, for which buffers are allocated.

        The memory of this process grows by what it needs; mapped weights count.
        """
        before = _resident_bytes()
        try:
            self._adapter = load(self._spec)
        except PlatformError as error:
            self._fail(error)
            return
        self.run(*next(inputs_of(self._spec.task, self.size)), seed=0)
        self._memory = max(0, _resident_bytes() - before) or None
        self._alone.clear()
        self._group.clear()

    def size(self, item: object, parameters: Any) -> int | None:
        """Number of tokens of this input; None if the model rejects it."""
        return size_with(self._adapter)(item, parameters)

    def run(self, item: object, parameters: Any, seed: int) -> Any:
        """Time one input alone, and the same one in a group of four every fourth time.

        Returns what to compare: its score if the adapter has one, the result, or what the user gets
        if that has no arrays; None if it failed.
        """
        try:
            with guarded("The model"):
                prepared = self._adapter.encode(item, parameters)
                [raw] = self._timed([prepared], self._alone, seed)
                if seed % GROUP == 0 and self._adapter.max_group >= GROUP * len(prepared.rows):
                    self._timed([prepared] * GROUP, self._group, seed)
                if isinstance(self._adapter, Scoring):
                    return self._adapter.score(prepared)
                has_arrays = next(arrays_of(raw), None) is not None
                return raw if has_arrays else self._adapter.decode(raw, prepared, parameters)
        except PlatformError as error:
            self._fail(error)
            return None

    def compare(self, reference: Any, own: Any) -> None:
        """Compare its result for an input with that of the reference."""
        self._found.append(compare(reference, own, self._compared))

    def _timed(self, group: list[Prepared], into: list[float], seed: int) -> list[Any]:
        # Models that sample, such as those that generate speech, draw the same numbers.
        torch.manual_seed(seed)
        began = time.perf_counter()
        raws = self._adapter.forward(group)
        into.append((time.perf_counter() - began) / len(group))
        return raws

    def _fail(self, error: PlatformError) -> None:
        self.is_out = True
        update = {"reason": f"it failed here: {error.detail}"[:200]}
        self.candidate = self.candidate.model_copy(update=update)

    @property
    def measured(self) -> Candidate:
        """The candidate with its figures so far."""
        if self.is_out or not self._alone:
            return self.candidate
        errors = [one.probability_error for one in self._found if one.probability_error is not None]
        cosines = [one.cosine for one in self._found]
        labels = [one.is_same_label for one in self._found]
        return self.candidate.model_copy(
            update={
                "latency_ms": _milliseconds(self._alone),
                "group_latency_ms": _milliseconds(self._group) if self._group else None,
                "agreement": round(statistics.mean(cosines), 6) if cosines else None,
                "worst_agreement": round(min(cosines), 6) if cosines else None,
                "same_label": statistics.mean(labels) if labels else None,
                "probability_error": round(max(errors), 6) if errors else None,
                "inputs": len(self._found),
                "memory_bytes": self._memory,
                "reason": "",
            }
        )


def _milliseconds(seconds: list[float]) -> float:
    """The mean, since inputs differ in length, and all candidates have the same ones."""
    return round(1000 * statistics.mean(seconds), 3)


def _resident_bytes() -> int:
    """Memory of this process; 0 on systems without /proc."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * mmap.PAGESIZE
