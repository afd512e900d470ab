"""Batch sizes between two scrapes of the model server's own metrics."""

from backend.domain.load_test import BatchCount
from backend.inference.metrics import Metrics
from backend.pipeline.batch_sizes import between, totals
from tests.fakes.local_runtime import stub_spec


def scrape(metrics: Metrics) -> str:
    return metrics.text().decode()


def test_only_batches_between_the_scrapes_count():
    one, other = Metrics(stub_spec()), Metrics(stub_spec())
    one.batch_size.observe(100)
    before = totals([scrape(one), scrape(other)])
    for size in (1, 1, 3, 4, 200):
        one.batch_size.observe(size)
    other.batch_size.observe(7)
    found = between(before, totals([scrape(one), scrape(other)]))
    assert found is not None
    assert (found.batches, found.mean) == (6, 36.0)
    assert found.distribution == [
        BatchCount(at_most=1, batches=2), BatchCount(at_most=4, batches=2),
        BatchCount(at_most=8, batches=1), BatchCount(at_most=None, batches=1),
    ]  # fmt: skip


def test_server_without_batches_has_no_sizes():
    texts = [scrape(Metrics(stub_spec()))]
    assert between(totals(texts), totals(texts)) is None
    assert between(totals([]), totals([])) is None
