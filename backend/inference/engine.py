"""Runs requests: admission, encoding, batches, decoding, all within one timeout."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.problem import FieldError
from backend.inference.adapters.base import Adapter, Continuous, Prepared
from backend.inference.guard import guarded
from backend.inference.metrics import Metrics
from backend.inference.scheduling.admission import Admission
from backend.inference.scheduling.batched import Batcher
from backend.inference.scheduling.calibration import measured_slack
from backend.inference.scheduling.continuous import ContinuousBatcher
from backend.inference.scheduling.deadline import Deadline
from backend.inference.scheduling.job import seconds_in_model
from backend.inference.scheduling.limits import known_slack, limits_of
from backend.inference.scheduling.reader import Reader
from backend.tasks import TASKS

T = TypeVar("T")
# Tasks whose results take no time to decode, and texts that take none to tokenize.
_QUICK = frozenset({"text-classification", "token-classification", "feature-extraction"})
_SHORT_CHARACTERS = 1000
_SHORT_ITEMS = 32
# Samples of which two have different lengths.
_SAMPLES = 4


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Durations of the phases of a request, in seconds."""

    queue: float
    tokenize: float
    infer: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The results for all inputs of a request, in order, with the `size` of each input."""

    outputs: list[Any]
    sizes: list[int]
    timings: Timings


class Engine:
    """A loaded model with its queue."""

    def __init__(self, spec: ServerSpec, adapter: Adapter, metrics: Metrics) -> None:
        self.task = TASKS[spec.task]
        self.adapter = adapter
        self.metrics = metrics
        limits = limits_of(spec, adapter.max_group)
        self._most_rows, self._is_exact = limits.rows, spec.dtype == "float32"
        if isinstance(adapter, Continuous):
            self.batcher: Batcher = ContinuousBatcher(adapter, metrics, limits=limits)
        else:
            self.batcher = Batcher(
                adapter,
                metrics,
                limits=limits,
                slack=known_slack(self.task),
                parallel=spec.parallel_requests,
                # The requests in llama.cpp share the cells of one key-value cache.
                most_size=spec.gguf.context_tokens if spec.gguf else None,
            )
        self._admission = Admission(
            spec.max_queue + spec.parallel_requests, lambda: self.batcher.mean_seconds
        )
        self._is_handler = spec.engine == "handler"
        self._limit = spec.inference_timeout_seconds
        self._deadline = Deadline(self._limit)
        self._reader = Reader(adapter.encode_threads)
        self._is_quick = spec.task in _QUICK and spec.engine in {"torch", "openvino", "onnxruntime"}

    async def predict(self, items: Sequence[object], parameters: Any) -> Outcome:
        """Process all items. Raises catalogue errors; cancellation stops the work soon."""
        with self._admission.reserve(len(items)):
            return await self._deadline.run(self._predict(items, parameters, None))

    async def stream(self, item: object, parameters: Any) -> AsyncGenerator[Any, None]:
        """Yield tokens as they are generated, then the Outcome. Raises catalogue errors."""
        with self._admission.reserve(1):
            pieces: asyncio.Queue[Any] = asyncio.Queue()
            loop = asyncio.get_running_loop()

            def on_piece(piece: Any) -> None:
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

            work = asyncio.ensure_future(
                self._deadline.run(self._predict([item], parameters, on_piece))
            )
            work.add_done_callback(pieces.put_nowait)
            try:
                while (piece := await pieces.get()) is not work:
                    yield piece
                yield work.result()
            finally:
                work.cancel()

    async def tokenizing(self, work: Callable[[], T]) -> T:
        """Run `work` in the thread that encodes inputs. Raises catalogue errors."""
        with self._admission.reserve(1):
            return await self._deadline.run(self._aside(work))

    async def warm_up(self) -> None:
        """Run one inference through the queue, with the sample of the task.

        A custom handler may take other inputs; the verify step sends it the sample.
        """
        if self._is_handler:
            return
        body = self._sample(0)
        parameters = self.task.parameters.model_validate(body.get("parameters", {}))
        await self.predict([body["inputs"]], parameters)
        if self.batcher.slack is None:
            await self._measure(parameters)

    async def _measure(self, parameters: Any) -> None:
        """Measure how inputs are grouped; a model that rejects a further sample has no padding."""
        inputs = [self._sample(seed)["inputs"] for seed in range(_SAMPLES)]
        slack = 0.0
        with contextlib.suppress(PlatformError):
            prepared = await self._aside(lambda: self._encode(inputs, parameters, lambda: False))
            slack = await measured_slack(
                self.batcher, prepared, self._most_rows, is_exact=self._is_exact
            )
        self.batcher.slack = slack

    def _sample(self, seed: int) -> dict[str, Any]:
        sample = self.task.sample(seed)
        body = sample.shown if self.task.input == "json" else {"inputs": sample.body}
        assert isinstance(body, dict)  # noqa: S101 - for the type checker
        return body

    def healthy(self) -> bool:
        """Whether the model threads run and have not exceeded the timeout by far."""
        return self.batcher.is_alive and self.batcher.busy_seconds < 1.5 * self._limit + 15

    def close(self) -> None:
        """Stop the threads, without waiting for work in progress."""
        self.batcher.close()
        self._reader.close()

    async def _predict(
        self, items: Sequence[object], parameters: Any, on_piece: Callable[[Any], None] | None
    ) -> Outcome:
        is_gone = False
        began = time.monotonic()

        def stop() -> bool:
            self.batcher.beat()
            return is_gone

        try:
            is_short = self._is_short(items)
            prepared = await self._reader.run(
                lambda: self._encode(items, parameters, lambda: is_gone), is_short=is_short
            )
            tokenize = time.monotonic() - began
            done = await self.batcher.run(
                [replace(one, stop=stop, on_piece=on_piece) for one in prepared]
            )
            raws = [d.raw for d in done]
            outputs = await self._reader.run(
                lambda: self._decode(raws, prepared, parameters), is_short=is_short
            )
        finally:
            is_gone = True
        self.metrics.tokenize_duration.observe(tokenize)
        queue, infer = max(d.waited for d in done), seconds_in_model(done)
        return Outcome(
            outputs=outputs,
            sizes=[item.size for item in prepared],
            timings=Timings(queue=queue, tokenize=tokenize, infer=infer),
        )

    async def _aside(self, work: Callable[[], T]) -> T:
        def safely() -> T:
            with guarded("The tokenizer"):
                return work()

        return await self._reader.run(safely)

    def _is_short(self, items: Sequence[object]) -> bool:
        """Whether tokenizing and decoding take at most 5 ms, which the event loop can spare."""
        if not self._is_quick or len(items) > _SHORT_ITEMS:
            return False
        texts = [item for item in items if isinstance(item, str)]
        return len(texts) == len(items) and sum(map(len, texts)) <= _SHORT_CHARACTERS

    def _encode(
        self, items: Sequence[object], parameters: Any, is_gone: Callable[[], bool]
    ) -> list[Prepared]:
        prepared: list[Prepared] = []
        for index, item in enumerate(items):
            if is_gone():
                break
            try:
                with guarded("Decoding the input"):
                    prepared.append(self.adapter.encode(item, parameters))
            except PlatformError as error:
                raise placed(error, index if len(items) > 1 else None) from None
        return prepared

    def _decode(
        self, raws: Sequence[Any], prepared: Sequence[Prepared], parameters: Any
    ) -> list[Any]:
        with guarded("Encoding the output"):
            return [
                self.adapter.decode(raw, item, parameters)
                for raw, item in zip(raws, prepared, strict=True)
            ]


def placed(error: PlatformError, index: int | None) -> PlatformError:
    """Add the index of the input to an error of a request with several inputs."""
    pointer = "#/inputs" if index is None else f"#/inputs/{index}"
    detail = error.detail if index is None else f"inputs[{index}]: {error.detail}"
    errors = error.errors or (FieldError(pointer=pointer, detail=error.detail),)
    return type(error)(detail, errors=errors, retry_after=error.retry_after, **error.values)
