"""The ASGI application of one model server: protocol routes for an engine, and the middleware."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend.domain.server import ServerSpec
from backend.errors.base import PlatformError
from backend.errors.request import InvalidSyntax, MethodNotAllowed, NotFound
from backend.inference import docs
from backend.inference.address import address_of
from backend.inference.engine import Engine
from backend.inference.middleware import Middleware
from backend.inference.named_route import NamedRoute
from backend.inference.openapi import document
from backend.inference.protocols.base import ProtocolRoute, Served
from backend.inference.protocols.table import routes_for_task, tasks_at
from backend.inference.protocols.tei.model_info import tei_info
from backend.inference.remedies import truncatable, truncation_of
from backend.inference.responses import json_response
from backend.inference.routes import handler_route, health_routes, predict_route
from backend.inference.security import Gate
from backend.inference.server_info import example, info
from backend.inference.state import ServerState
from backend.transport.forwarded import ForwardedHeaders


def create_app(spec: ServerSpec, engine: Engine, state: ServerState | None = None) -> FastAPI:
    """Create the application, for all runtimes. Without a `state` the server counts as ready."""
    if state is None:
        state = ServerState(spec, engine.metrics)
        state.ready(lambda: None, lambda: None)
    state.watch(engine)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    is_own = spec.engine == "handler"
    predict = (
        handler_route(engine)
        if is_own
        else truncatable(predict_route(engine), truncation_of(engine.task))
    )
    _add(app, "/predict", predict, ["POST"])
    _add(app, "/", predict, ["POST"])
    for path, route in health_routes(engine, state).items():
        _add(app, path, route, ["GET"])
    protocol_routes = () if is_own else routes_for_task(spec.task)
    _add_protocols(app, protocol_routes, Served(spec=spec, engine=engine))
    _add_descriptions(app, spec, engine, protocol_routes)
    app.add_exception_handler(HTTPException, _raise_ours)
    app.add_middleware(Middleware, gate=Gate(spec), state=state, metrics=engine.metrics)
    app.add_middleware(ForwardedHeaders, trusted_proxies=spec.trusted_proxies, public_url=None)
    return app


def _add(app: FastAPI, path: str, route: Any, methods: list[str]) -> None:
    app.router.routes.append(NamedRoute(path, route, methods=methods))


def _add_protocols(app: FastAPI, protocol_routes: Sequence[ProtocolRoute], served: Served) -> None:
    for protocol_route in protocol_routes:
        route = truncatable(protocol_route.make(served), protocol_route.truncate)
        for path in protocol_route.paths:
            _add(app, path, route, [protocol_route.method])


def _add_descriptions(
    app: FastAPI, spec: ServerSpec, engine: Engine, protocol_routes: Sequence[ProtocolRoute]
) -> None:
    about = info(spec, engine) | tei_info(spec, engine)
    schema = document(spec, protocol_routes)

    async def info_route(request: Request) -> Response:
        return json_response(
            about | {"example": example(spec, address_of(spec, request.scope).url)}
        )

    async def schema_route(request: Request) -> Response:
        server = {"url": address_of(spec, request.scope).path or "/"}
        return json_response(schema | {"servers": [server]})

    async def docs_route(request: Request) -> Response:
        del request
        return docs.page(spec.name)

    async def welcome(request: Request) -> Response:
        url = address_of(spec, request.scope).url
        paths = {"predict": f"{url}/predict", "docs": f"{url}/docs"}
        return json_response({"name": spec.name, "task": spec.task, **paths})

    routes: dict[str, Any] = {
        "/": welcome,
        "/info": info_route,
        "/predict/info": info_route,
        "/openapi.json": schema_route,
        "/docs": docs_route,
        "/docs/assets/{name}": docs.asset,
    }
    for path, route in routes.items():
        _add(app, path, route, ["GET"])


async def _raise_ours(request: Request, error: Exception) -> Response:
    """Convert routing errors (404, 405) to catalogue errors; the middleware writes the response."""
    assert isinstance(error, HTTPException)  # noqa: S101 - by registration
    raise _ours(request, error) from None


def _ours(request: Request, error: HTTPException) -> PlatformError:
    if error.status_code == 404:
        if tasks := tasks_at(request.url.path):
            return NotFound(f"This route is available for models of: {', '.join(tasks)}.")
        return NotFound("No route of the model server matches this URL; see /docs.")
    if error.status_code == 405:
        allow = (error.headers or {}).get("Allow", "")
        return MethodNotAllowed(f"{request.method} is not supported by this route.", allow=allow)
    return InvalidSyntax("The request could not be read.")
