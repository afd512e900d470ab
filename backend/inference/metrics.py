"""Prometheus metrics of one model server. All labels have a fixed set of values."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from backend.domain.server import ServerSpec

# From an encoder with a warm cache (1 ms) to a long generation.
_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48,
    40.96, 81.92,
)  # fmt: skip
# Paths that monitoring requests regularly; they do not count as use of the model.
HEALTH_PATHS = frozenset(
    {
        "/health", "/ready", "/metrics", "/predict/health", "/v2/health/live", "/v2/health/ready",
    }
)  # fmt: skip
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The registry of this process and its metrics."""

    def __init__(self, spec: ServerSpec) -> None:
        # For the liveness probe: plain numbers, event loop only, without health checks.
        self.answered = 0
        self.now_in_flight = 0
        self.registry = CollectorRegistry()
        self._labels = {"task": spec.task, "model": spec.model_id}
        self._requests = Counter(
            "slipway_requests",
            "Number of requests by route and status.",
            ["route", "status", "task", "model"],
            registry=self.registry,
        )
        # The library finds a counter by its labels in more time than it takes to count.
        self._by_route: dict[tuple[str, int], Counter] = {}
        self.request_duration = self._histogram(
            "request_duration_seconds", "Time from arrival to response."
        )
        self.queue_duration = self._histogram("queue_duration_seconds", "Time in the queue.")
        self.tokenize_duration = self._histogram(
            "tokenize_duration_seconds", "Time to decode and tokenize the input."
        )
        self.inference_duration = self._histogram(
            "inference_duration_seconds", "Time of the forward pass."
        )
        self.time_to_first_token = self._histogram(
            "time_to_first_token_seconds", "Time from arrival to the first token."
        )
        self.batch_size = self._histogram(
            "batch_size", "Number of inputs in one forward pass.", _SIZES
        )
        # Gauges that are read when the metrics are, so that requests cost nothing.
        self._in_flight = 0
        self._gauge("requests_in_flight", "Number of requests in progress.").set_function(
            lambda: self._in_flight
        )
        self.queue_depth = self._gauge("queue_depth", "Number of inputs in the queue.")
        self.model_load_seconds = self._gauge(
            "model_load_seconds", "Time until the model was ready."
        )
        self._tokens = Counter(
            "slipway_tokens",
            "Number of prompt and generated tokens.",
            ["type", "task", "model"],
            registry=self.registry,
        )
        info = Gauge(
            "slipway_model_info",
            "Model, task and device; always 1.",
            ["task", "model", "commit", "device", "dtype", "engine"],
            registry=self.registry,
        )
        info.labels(
            **self._labels, commit=spec.commit, device=spec.device, dtype=spec.dtype,
            engine=spec.engine,
        ).set(1)  # fmt: skip

    def arrived(self, path: str) -> None:
        """Record the start of a request for this path; `left` is always called later."""
        self._in_flight += 1
        self.now_in_flight += path not in HEALTH_PATHS

    def left(self, path: str) -> None:
        """Record the end of a request for this path."""
        self._in_flight -= 1
        if path not in HEALTH_PATHS:
            self.now_in_flight -= 1
            self.answered += 1

    def request(self, route: str, status: int, seconds: float) -> None:
        """Record a completed request; `route` is a template, never a path sent by a client."""
        counter = self._by_route.get((route, status))
        if counter is None:
            counter = self._requests.labels(route=route, status=str(status), **self._labels)
            self._by_route[route, status] = counter
        counter.inc()
        self.request_duration.observe(seconds)

    def tokens(self, read: int, generated: int = 0) -> None:
        """Record the tokens of a completed input."""
        self._tokens.labels(type="input", **self._labels).inc(read)
        if generated:
            self._tokens.labels(type="output", **self._labels).inc(generated)

    def text(self) -> bytes:
        """Metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...] = _SECONDS) -> Histogram:
        made = Histogram(
            f"slipway_{name}", text, list(self._labels), registry=self.registry, buckets=buckets
        )
        return made.labels(**self._labels)

    def _gauge(self, name: str, text: str) -> Gauge:
        made = Gauge(f"slipway_{name}", text, list(self._labels), registry=self.registry)
        return made.labels(**self._labels)
