"""The ASGI application of one model server: protocol routes for an engine, and the middleware."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from backend.domain.server import ServerSpec
from backend.errors.request import NotFound
from backend.inference import docs
from backend.inference.address import address_of
from backend.inference.engine import Engine
from backend.inference.middleware import Middleware
from backend.inference.openapi import document
from backend.inference.protocols.base import ProtocolRoute, Served
from backend.inference.protocols.table import routes_for_task, tasks_at
from backend.inference.protocols.tei.model_info import tei_info
from backend.inference.remedies import truncatable, truncation_of
from backend.inference.responses import json_response
from backend.inference.router import Endpoint, Route, Router
from backend.inference.routes import handler_route, health_routes, predict_route
from backend.inference.security import Gate
from backend.inference.server_info import example, info
from backend.inference.state import ServerState
from backend.transport.forwarded import ForwardedHeaders


def create_app(spec: ServerSpec, engine: Engine, state: ServerState | None = None) -> ASGIApp:
    """Create the application, for all runtimes. Without a `state` the server counts as ready."""
    if state is None:
        state = ServerState(spec, engine.metrics)
        state.ready(lambda: None, lambda: None)
    state.watch(engine)
    is_own = spec.engine == "handler"
    protocol_routes = () if is_own else routes_for_task(spec.task)
    routes = [
        *_predict_routes(engine, is_own=is_own),
        *_get_routes(health_routes(engine, state)),
        *_protocol_routes(protocol_routes, Served(spec=spec, engine=engine)),
        *_get_routes(_descriptions(spec, engine, protocol_routes)),
    ]
    router = Router(routes, _not_found)
    app = Middleware(router, gate=Gate(spec), state=state, metrics=engine.metrics)
    return ForwardedHeaders(app, trusted_proxies=spec.trusted_proxies, public_url=None)


def _predict_routes(engine: Engine, *, is_own: bool) -> Iterator[Route]:
    predict = (
        handler_route(engine)
        if is_own
        else truncatable(predict_route(engine), truncation_of(engine.task))
    )
    for path in ("/predict", "/"):
        yield Route(path=path, method="POST", endpoint=predict)


def _get_routes(endpoints: Mapping[str, Endpoint]) -> Iterator[Route]:
    for path, endpoint in endpoints.items():
        yield Route(path=path, method="GET", endpoint=endpoint)


def _protocol_routes(protocol_routes: Sequence[ProtocolRoute], served: Served) -> Iterator[Route]:
    for protocol_route in protocol_routes:
        endpoint = truncatable(protocol_route.make(served), protocol_route.truncate)
        for path in protocol_route.paths:
            yield Route(path=path, method=protocol_route.method, endpoint=endpoint)


def _descriptions(
    spec: ServerSpec, engine: Engine, protocol_routes: Sequence[ProtocolRoute]
) -> dict[str, Endpoint]:
    # Made when they are first requested, since that takes as long as loading a small model.
    about = cache(lambda: info(spec, engine) | tei_info(spec, engine))
    schema = cache(lambda: document(spec, protocol_routes))

    async def info_route(request: Request) -> Response:
        shown = await asyncio.to_thread(about)
        return json_response(
            shown | {"example": example(spec, address_of(spec, request.scope).url)}
        )

    async def schema_route(request: Request) -> Response:
        server = {"url": address_of(spec, request.scope).path or "/"}
        return json_response(await asyncio.to_thread(schema) | {"servers": [server]})

    async def docs_route(request: Request) -> Response:
        del request
        return docs.page(spec.name)

    async def welcome(request: Request) -> Response:
        url = address_of(spec, request.scope).url
        paths = {"predict": f"{url}/predict", "docs": f"{url}/docs"}
        return json_response({"name": spec.name, "task": spec.task, **paths})

    return {
        "/": welcome,
        "/info": info_route,
        "/predict/info": info_route,
        "/openapi.json": schema_route,
        "/docs": docs_route,
        "/docs/assets/{name}": docs.asset,
    }


def _not_found(path: str) -> NotFound:
    if tasks := tasks_at(path):
        return NotFound(f"This route is available for models of: {', '.join(tasks)}.")
    return NotFound("No route of the model server matches this URL; see /docs.")
