"""Routes of the task (`/predict` and `/`), and the health and info routes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import ClientGone, InvalidInput, ModelLoading
from backend.inference.engine import Engine, Outcome
from backend.inference.handler_requests import read_for_handler
from backend.inference.request_parsing import PredictRequest, read
from backend.inference.responses import MediaFile, json_response, packed, response_for
from backend.inference.state import ServerState
from backend.inference.streaming import check_streamable, hub_failure, sse
from backend.inference.tokens import hub_event

Route = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")
_WATCH_AFTER_SECONDS = 0.05


def handler_route(engine: Engine) -> Route:
    """`POST /predict` of a custom handler, whose result is the response."""

    async def predict(request: Request) -> Response:
        parsed = await read_for_handler(request)
        outcome = await unless_gone(request, engine.predict(parsed.items, None))
        request.state.timings = outcome.timings
        return response_for(outcome.outputs[0])

    return predict


def predict_route(engine: Engine) -> Route:
    """`POST /predict`: takes the raw `Request`, since the body may be JSON, an image or audio."""

    async def predict(request: Request) -> Response:
        return await respond(request, engine, await read(request, engine.task))

    return predict


async def respond(request: Request, engine: Engine, parsed: PredictRequest) -> Response:
    """Run the model, and return its results in the format of the Hub, or as `predictions`."""
    if parsed.stream:
        return await unless_gone(request, _stream(engine, parsed))
    outcome = await unless_gone(request, engine.predict(parsed.items, parsed.parameters))
    request.state.timings = outcome.timings
    if parsed.is_instances:
        found = [packed(v) if isinstance(v, MediaFile) else v for v in outcome.outputs]
        return json_response({"predictions": found})
    task = engine.task
    is_list = not task.always_listed or task.makes_list(parsed.parameters)
    is_bare = parsed.is_single and is_list
    return response_for(outcome.outputs[0] if is_bare else outcome.outputs)


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`; cancel it when the client closes the connection.

    The connection is watched after some milliseconds only: most requests are done by then, and
    watching costs a task.
    """
    own = asyncio.current_task()
    assert own is not None  # noqa: S101 - for the type checker
    watching: asyncio.Task[None] | None = None
    is_gone = False

    async def watch() -> None:
        nonlocal is_gone
        await _disconnected(request)
        is_gone = True
        own.cancel()

    def begin() -> None:
        nonlocal watching
        watching = asyncio.ensure_future(watch())

    timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_SECONDS, begin)
    try:
        return await work
    except asyncio.CancelledError:
        if not is_gone:
            raise
        own.uncancel()
        raise ClientGone("The client closed the connection.") from None
    finally:
        timer.cancel()
        if watching is not None:
            watching.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _stream(engine: Engine, parsed: PredictRequest) -> Response:
    if not parsed.is_single:
        raise InvalidInput("A stream supports one input; send several requests.")
    if engine.task.output == "image":
        return await sse(_image_events(engine, parsed), hub_failure)
    check_streamable(parsed.parameters)
    return await sse(_hub_events(engine, parsed), hub_failure)


async def _image_events(engine: Engine, parsed: PredictRequest) -> AsyncIterator[dict[str, Any]]:
    """An event for each step; the last one has the image, as in a list of several images."""
    async for piece in engine.stream(parsed.items[0], parsed.parameters):
        if isinstance(piece, Outcome):
            yield packed(piece.outputs[0])
        else:
            yield {"step": piece.number, "steps": piece.total}


async def _hub_events(engine: Engine, parsed: PredictRequest) -> AsyncIterator[dict[str, Any]]:
    """Events of the Hub's stream, token by token; the last one includes the whole text."""
    last = None
    index = 0
    async for piece in engine.stream(parsed.items[0], parsed.parameters):
        if isinstance(piece, Outcome):
            yield hub_event(index, last, piece, with_details=parsed.parameters.details)
            return
        index += 1
        if piece.is_last:
            last = piece
        else:
            yield hub_event(index, piece)


def health_routes(engine: Engine, state: ServerState) -> dict[str, Route]:
    """Routes of liveness and readiness."""

    async def health(request: Request) -> Response:
        del request
        if not engine.healthy():
            raise ModelLoading("The model does not respond.", retry_after=5)
        return json_response({"status": "ok"})

    async def ready(request: Request) -> Response:
        if state.phase != "ready":
            raise ModelLoading(state.message, retry_after=5)
        await health(request)
        return json_response({"status": "ready"})

    async def metrics(request: Request) -> Response:
        del request
        return Response(state.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return {
        "/health": health,
        "/ready": ready,
        # SageMaker sends requests as soon as this responds with 200.
        "/ping": ready,
        "/metrics": metrics,
        "/predict/health": health,
        "/v2/health/live": health,
        "/v2/health/ready": ready,
    }
