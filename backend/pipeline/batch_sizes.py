"""Sizes of the forward passes between two scrapes of a deployment's servers."""

import math
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families

from backend.domain.base import Value
from backend.domain.histogram import difference
from backend.domain.load_test import BatchCount, BatchSizes

_NAME = "slipway_batch_size"


class BatchTotals(Value):
    """Totals of all workers since they started; `buckets` are cumulative, by upper bound."""

    total: float
    buckets: dict[str, float]


def totals(texts: list[str]) -> BatchTotals:
    """The totals in the exposition texts of all workers."""
    total, buckets = 0.0, dict[str, float]()
    for text in texts:
        for family in text_string_to_metric_families(text):
            for sample in family.samples if family.name == _NAME else ():
                if sample.name == f"{_NAME}_sum":
                    total += sample.value
                elif sample.name == f"{_NAME}_bucket":
                    bound = sample.labels["le"]
                    buckets[bound] = buckets.get(bound, 0.0) + sample.value
    return BatchTotals(total=total, buckets=buckets)


def between(old: BatchTotals, new: BatchTotals) -> BatchSizes | None:
    """The batches between two scrapes; None if there were none."""
    counts = sorted(
        (float(bound), count) for bound, count in difference(new.buckets, old.buckets).items()
    )
    if not counts or counts[-1][1] <= 0:
        return None
    batches = counts[-1][1]
    inputs = difference({"": new.total}, {"": old.total})[""]
    steps = [
        BatchCount(at_most=None if math.isinf(bound) else int(bound), batches=int(count - before))
        for (_, before), (bound, count) in pairwise([(0.0, 0.0), *counts])
    ]
    return BatchSizes(
        mean=round(inputs / batches, 3),
        batches=int(batches),
        distribution=[step for step in steps if step.batches],
    )
