"""Figures of a load test from the times of its requests."""

from backend.domain.load_test import Quantiles
from backend.load_test.tally import Tally, quantiles


def test_rate_counts_time_to_last_response():
    tally = Tally(streams=False)
    for number in range(10):
        tally.success(100.0 + number, 100.5 + number)
    result = tally.result(began=100.0, ended=109.0)
    # The last response arrives half a second after the end.
    assert (result.seconds, result.requests) == (9.5, 10)
    assert result.requests_per_second == round(10 / 9.5, 3)
    assert result.latency_ms == Quantiles(p50=500, p95=500, p99=500)
    assert result.streaming is None


def test_latency_quantiles_are_interpolated():
    values = [number / 1000 for number in range(101)]
    assert quantiles(values) == Quantiles(p50=50, p95=95, p99=99)
    assert quantiles([]) == Quantiles(p50=None, p95=None, p99=None)


def test_stream_has_times_of_its_tokens():
    tally = Tally(streams=True)
    tally.tokens(0.0, None, 0.25, 1)
    tally.tokens(0.0, 0.25, 0.35, 1)
    tally.tokens(0.0, 0.35, 0.45, 1)
    tally.success(0.0, 1.0)
    tally.tokens(0.0, None, 0.75, 1)
    tally.success(0.0, 2.0)
    streaming = tally.result(began=0.0, ended=1.0).streaming
    assert streaming is not None
    assert (streaming.tokens, streaming.tokens_per_second) == (4, 2.0)
    assert streaming.time_to_first_token_ms.p50 == 500
    assert streaming.inter_token_ms.p50 == 100


def test_tokens_of_a_stream_that_does_not_end_count():
    tally = Tally(streams=True)
    tally.tokens(0.0, None, 0.5, 2)
    tally.tokens(0.0, 0.5, 2.0, 0)
    tally.error("unfinished", "No response")
    result = tally.result(began=0.0, ended=1.0)
    assert (result.requests, result.errors) == (0, {"unfinished": 1})
    assert result.streaming is not None
    assert (result.streaming.tokens, result.streaming.inter_token_ms.p50) == (2, 0)


def test_errors_are_counted_by_kind_and_first_text_is_kept():
    tally = Tally(streams=False)
    tally.error("429", "429 The queue is full.")
    tally.error("connection", "ConnectionResetError")
    tally.error("429", "429 The queue is full.")
    tally.error("unfinished", "No response", count=0)
    result = tally.result(began=0.0, ended=1.0)
    assert result.errors == {"429": 2, "connection": 1}
    assert result.first_error == "429 The queue is full."
    assert (result.requests, result.latency_ms.p50) == (0, None)


def test_progress_has_rates_since_previous_one():
    tally = Tally(streams=True)
    tally.tokens(0.0, None, 0.05, 2)
    tally.success(0.0, 0.1)
    first = tally.progress(0.5)
    assert (first.requests, first.requests_per_second, first.tokens_per_second) == (1, 2.0, 4.0)
    tally.tokens(0.5, None, 0.7, 1)
    tally.success(0.5, 0.9)
    second = tally.progress(1.0)
    assert (second.requests, second.requests_per_second, second.tokens_per_second) == (2, 2.0, 2.0)
