"""What a load test has seen so far: latencies, tokens and errors of all connections."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence

from backend.domain.load_test import LoadTestProgress, LoadTestResult, Quantiles, Streaming
from backend.domain.percentile import percentile


class Tally:
    """Arrays of doubles: a long test has millions of tokens. All times are in seconds."""

    def __init__(self, *, streams: bool) -> None:
        self._streams = streams
        self._latencies = array("d")
        self._first_tokens = array("d")
        self._gaps = array("d")
        self._errors: Counter[str] = Counter()
        self._first_error: str | None = None
        self._tokens = 0
        self._last = 0.0
        self._shown = (0.0, 0, 0)

    def success(self, began: float, ended: float) -> None:
        """Count a request."""
        self._latencies.append(ended - began)
        self._last = ended

    def tokens(self, began: float, previous: float | None, now: float, count: int) -> None:
        """Count tokens of a stream that arrive together, also of one that does not end in time.

        `previous`: when the last token before arrived; None: these are the first.
        """
        if not count:
            return
        self._tokens += count
        self._last = now
        if previous is None:
            self._first_tokens.append(now - began)
        else:
            self._gaps.append(now - previous)
        self._gaps.extend([0.0] * (count - 1))

    def error(self, kind: str, text: str, count: int = 1) -> None:
        """Count failed requests; the first text is kept."""
        if count:
            self._errors[kind] += count
            self._first_error = self._first_error or text

    def progress(self, elapsed: float) -> LoadTestProgress:
        """The numbers now; rates are those since the previous call."""
        before, requests, tokens = self._shown
        seconds = max(elapsed - before, 1e-3)
        self._shown = (elapsed, len(self._latencies), self._tokens)
        rate = (self._tokens - tokens) / seconds
        return LoadTestProgress(
            elapsed_seconds=round(elapsed, 2),
            requests=len(self._latencies),
            errors=self._errors.total(),
            requests_per_second=round((len(self._latencies) - requests) / seconds, 2),
            tokens_per_second=round(rate, 2) if self._streams else None,
        )

    def result(self, began: float, ended: float) -> LoadTestResult:
        """Everything together; what arrives after `ended` prolongs the time."""
        seconds = max(self._last, ended) - began
        return LoadTestResult(
            seconds=round(seconds, 3),
            requests=len(self._latencies),
            requests_per_second=round(len(self._latencies) / seconds, 3),
            latency_ms=quantiles(self._latencies),
            errors=dict(sorted(self._errors.items())),
            first_error=self._first_error,
            streaming=self._streaming(seconds) if self._streams else None,
        )

    def _streaming(self, seconds: float) -> Streaming:
        return Streaming(
            tokens=self._tokens,
            tokens_per_second=round(self._tokens / seconds, 2),
            time_to_first_token_ms=quantiles(self._first_tokens),
            inter_token_ms=quantiles(self._gaps),
        )


def quantiles(values: Sequence[float]) -> Quantiles:
    """Quantiles in milliseconds of durations in seconds; None without values."""
    ordered = sorted(values)

    def at(share: float) -> float | None:
        found = percentile(ordered, share)
        return None if math.isnan(found) else round(found * 1000, 3)

    return Quantiles(p50=at(0.5), p95=at(0.95), p99=at(0.99))
