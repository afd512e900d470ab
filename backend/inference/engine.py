"""From inputs to answers: admission, reading, the model, writing, within one time limit."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.inference import RequestTimeout
from backend.errors.problem import FieldError
from backend.inference.adapters.base import Adapter, Prepared
from backend.inference.batcher import Batcher
from backend.inference.guard import guarded
from backend.inference.metrics import Metrics
from backend.tasks import TASKS


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Where the time of a request went, in seconds."""

    queue: float
    tokenize: float
    infer: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The answers to all inputs of a request, in order, and what each input cost (its `size`)."""

    answers: list[Any]
    sizes: list[int]
    timings: Timings


class Engine:
    """One loaded model, behind its queue."""

    def __init__(self, spec: ServerSpec, adapter: Adapter, metrics: Metrics) -> None:
        self.task = TASKS[spec.task]
        self.adapter = adapter
        self.metrics = metrics
        self.batcher = Batcher(adapter, spec.max_queue, metrics)
        self._limit = spec.inference_timeout_seconds
        self._reader = ThreadPoolExecutor(adapter.encode_threads, "reader")

    async def predict(self, items: Sequence[object], parameters: Any) -> Outcome:
        """Answer all items. Raises catalogue errors; when cancelled, work on it ends soon."""
        with self.batcher.admitted():
            return await self._within_limit(self._predict(items, parameters, None))

    async def stream(self, item: object, parameters: Any) -> AsyncGenerator[Any, None]:
        """Pieces of one answer as they are made; a failure before the first one is raised by it."""
        with self.batcher.admitted():
            pieces: asyncio.Queue[Any] = asyncio.Queue()
            loop = asyncio.get_running_loop()

            def tell(piece: Any) -> None:
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

            work = asyncio.ensure_future(
                self._within_limit(self._predict([item], parameters, tell))
            )
            work.add_done_callback(pieces.put_nowait)
            try:
                while (piece := await pieces.get()) is not work:
                    yield piece
                yield work.result()
            finally:
                work.cancel()

    async def warm_up(self) -> None:
        """One real inference, through the same queue as every other."""
        sample = self.task.sample(0)
        body = sample.shown if self.task.input == "json" else {"inputs": sample.body}
        assert isinstance(body, dict)  # noqa: S101 - for the type checker
        parameters = self.task.parameters.model_validate(body.get("parameters", {}))
        await self.predict([body["inputs"]], parameters)

    def healthy(self) -> bool:
        """The model thread lives and is not stuck far beyond the time limit."""
        return self.batcher.is_alive and self.batcher.busy_seconds < 1.5 * self._limit + 15

    def close(self) -> None:
        """End the threads; what runs is not waited for."""
        self.batcher.close()
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def _within_limit(self, work: Any) -> Any:
        limit = asyncio.timeout(self._limit)
        try:
            async with limit:
                return await work
        except TimeoutError:
            if not limit.expired():
                raise
            text = f"No answer within {self._limit:g} seconds."
            raise RequestTimeout(text, retry_after=self._limit) from None

    async def _predict(
        self, items: Sequence[object], parameters: Any, tell: Callable[[Any], None] | None
    ) -> Outcome:
        gone = threading.Event()
        loop = asyncio.get_running_loop()
        began = time.monotonic()

        def stop() -> bool:
            self.batcher.beat()
            return gone.is_set()

        try:
            prepared = await loop.run_in_executor(
                self._reader, self._encode, items, parameters, gone
            )
            tokenize = time.monotonic() - began
            done = await self.batcher.run([replace(p, stop=stop, tell=tell) for p in prepared])
            answers = await loop.run_in_executor(
                self._reader, self._decode, [d.raw for d in done], prepared, parameters
            )
        finally:
            gone.set()
        self.metrics.tokenize_duration.observe(tokenize)
        queue, infer = max(d.waited for d in done), sum(d.took for d in done)
        return Outcome(
            answers=answers,
            sizes=[item.size for item in prepared],
            timings=Timings(queue=queue, tokenize=tokenize, infer=infer),
        )

    def _encode(
        self, items: Sequence[object], parameters: Any, gone: threading.Event
    ) -> list[Prepared]:
        prepared: list[Prepared] = []
        for index, item in enumerate(items):
            if gone.is_set():
                break
            try:
                with guarded("Reading the input"):
                    prepared.append(self.adapter.encode(item, parameters))
            except PlatformError as error:
                raise placed(error, index if len(items) > 1 else None) from None
        return prepared

    def _decode(
        self, raws: Sequence[Any], prepared: Sequence[Prepared], parameters: Any
    ) -> list[Any]:
        with guarded("Writing the answer"):
            return [
                self.adapter.decode(raw, item, parameters)
                for raw, item in zip(raws, prepared, strict=True)
            ]


def placed(error: PlatformError, index: int | None) -> PlatformError:
    """The same error, naming which of several inputs it is about."""
    pointer = "#/inputs" if index is None else f"#/inputs/{index}"
    detail = error.detail if index is None else f"inputs[{index}]: {error.detail}"
    errors = error.errors or (FieldError(pointer=pointer, detail=error.detail),)
    return type(error)(detail, errors=errors, retry_after=error.retry_after, **error.values)
