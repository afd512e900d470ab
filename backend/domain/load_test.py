"""A load test of a deployment: what is requested, what was measured."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator, model_validator

from backend.domain.base import StrictValue, Value
from backend.domain.engine import EngineName
from backend.errors.problem import Problem

MOST_CONCURRENCY, MOST_SECONDS = 128, 120
LoadTestState = Literal["queued", "running", "completed", "cancelled", "failed"]
OPEN_STATES: frozenset[LoadTestState] = frozenset({"queued", "running"})


class LoadTestFile(StrictValue):
    """A file that is sent as the body of each request, as to `/predict`."""

    content_type: str = Field(
        pattern=r"^(image|audio|video)/[\w.+-]{1,80}$", examples=["image/png"]
    )
    content: str = Field(min_length=4, description="The file in base64.")

    @field_validator("content")
    @classmethod
    def _is_base64(cls, content: str) -> str:
        try:
            base64.b64decode(content, validate=True)
        except binascii.Error as error:
            message = "must be base64 without line breaks"
            raise ValueError(message) from error
        return content

    @property
    def data(self) -> bytes:
        """The file itself."""
        return base64.b64decode(self.content)


class LoadTestRequest(StrictValue):
    """What to send, how many requests at a time, and for how long."""

    concurrency: int = Field(
        default=8, ge=1, le=MOST_CONCURRENCY, description="Requests at a time; each connection "
        "sends the next one when it has the response.",
    )  # fmt: skip
    seconds: int = Field(
        default=10, ge=1, le=MOST_SECONDS, description="Duration, without the warm-up requests."
    )
    inputs: list[dict[str, object]] | None = Field(
        default=None, min_length=1, max_length=1000, description="Bodies of requests to /predict, "
        "sent in turns; null: samples of the task, with texts of varied lengths. For text "
        'generation, `"stream": true` is added to those that do not set it.',
        examples=[[{"inputs": "What a wonderful film"}]],
    )  # fmt: skip
    file: LoadTestFile | None = Field(
        default=None, description="An image, a sound or a video to send instead of `inputs`."
    )

    @model_validator(mode="after")
    def _has_one_input(self) -> "LoadTestRequest":
        if self.inputs is not None and self.file is not None:
            message = "inputs and file exclude each other"
            raise ValueError(message)
        return self


class InputSummary(Value):
    """What a load test sends; the inputs themselves are not stored."""

    kind: Literal["sample", "inputs", "file"]
    count: int = Field(description="Number of different requests.")
    bytes: int | None = Field(default=None, description="Size of the file.")


class LoadTestProgress(Value):
    """Numbers while it runs."""

    elapsed_seconds: float
    requests: int = Field(description="Successful requests so far.")
    errors: int = Field(description="Failed requests so far.")
    requests_per_second: float = Field(description="In the last half second.")
    tokens_per_second: float | None = Field(
        default=None, description="In the last half second, if the responses are streams."
    )


class Quantiles(Value):
    """Quantiles of a duration in milliseconds; null without values."""

    p50: float | None
    p95: float | None
    p99: float | None


class BatchCount(Value):
    """Number of forward passes by their number of inputs."""

    at_most: int | None = Field(description="Largest number of inputs; null: more than the others.")
    batches: int


class BatchSizes(Value):
    """Forward passes of the model server during the test, also for requests of other clients."""

    mean: float = Field(description="Mean number of inputs per forward pass.")
    batches: int
    distribution: list[BatchCount]


class Streaming(Value):
    """Times of the tokens in streamed responses."""

    tokens: int = Field(description="Also those of streams that did not end in time.")
    tokens_per_second: float = Field(description="Of all streams together.")
    time_to_first_token_ms: Quantiles
    inter_token_ms: Quantiles = Field(description="Time between two tokens of a stream.")


class LoadTestResult(Value):
    """What was measured, at the client's end."""

    seconds: float = Field(description="From the first request to the last response.")
    requests: int = Field(description="Successful requests.")
    requests_per_second: float
    latency_ms: Quantiles = Field(description="Of successful requests, to the end of the response.")
    errors: dict[str, int] = Field(
        description="Failed requests by HTTP status, `connection` (closed or refused), `stream` "
        "(failed after its begin) or `unfinished` (no response soon after the end)."
    )
    first_error: str | None = Field(
        default=None, description="Text of the first error response, if there was one."
    )
    streaming: Streaming | None = Field(default=None, description="Null: responses are no streams.")
    batch_size: BatchSizes | None = Field(
        default=None, description="Null: unknown, or the engine groups inputs itself."
    )


class PrepareFigures(Value):
    """What the prepare step measured for the chosen engine, without HTTP and queue."""

    engine: EngineName
    dtype: str
    threads: int
    latency_ms: float = Field(description="Mean time of one input in the model.")
    group_latency_ms: float | None = Field(description="Mean time per input in groups of four.")
    inputs_per_second: float = Field(
        description="What follows from it: one second by the shorter of the two times."
    )


class LoadTest(Value):
    """A load test of a deployment."""

    id: str
    deployment_id: str
    version: int = Field(description="Version of the deployment that was tested.")
    state: LoadTestState
    message: str
    concurrency: int
    seconds: int
    input: InputSummary
    created_at: str = Field(description="UTC, ISO 8601.")
    started_at: str | None = Field(
        default=None, description="When it left the queue and its warm-up began."
    )
    ended_at: str | None = None
    progress: LoadTestProgress | None = Field(default=None, description="The last known.")
    result: LoadTestResult | None = Field(
        default=None, description="After a cancellation, that of the requests until then."
    )
    prepare: PrepareFigures | None = Field(
        default=None, description="To compare with; null: prepare did not measure this model."
    )
    problem: Problem | None = Field(default=None, description="Why it failed.")


class LoadTestJob(Value):
    """Messages to the worker, its first line on stdin. A second line lets it begin to measure."""

    url: str = Field(description="Of the model server, without a path.")
    key: str | None = Field(description="Its API key; never in arguments or the environment.")
    task: str
    is_handler: bool = Field(description="Custom handler: the sample is sent as it is.")
    request: LoadTestRequest


class LoadTestLine(Value):
    """One line from the worker. `warm` waits for the second line; `done` or `failed` is last."""

    kind: Literal["warm", "progress", "done", "failed"]
    message: str = ""
    progress: LoadTestProgress | None = None
    result: LoadTestResult | None = None


@dataclass(frozen=True)
class LoadWatch:
    """Whom a load generator tells what happens, and the event that ends it early.

    `on_warm` is awaited before the first request that counts.
    """

    stop: asyncio.Event
    on_warm: Callable[[], Awaitable[None]]
    on_progress: Callable[[LoadTestProgress], None]
