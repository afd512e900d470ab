"""The FastAPI application: routers in order, and the middleware around them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from backend import __version__
from backend.api import (
    deployments,
    error_pages,
    events,
    health,
    load_tests,
    logs,
    metrics,
    models,
    problems,
    system,
    ws,
)
from backend.api.body_limit import BodyLimit
from backend.api.docs import docs_router
from backend.api.head import HeadAsGet
from backend.api.proxy import Proxy
from backend.api.request_id import RequestIds
from backend.api.security import Guard, Rules
from backend.api.services import Services
from backend.api.wizard import wizard_app
from backend.errors import Problem
from backend.transport.forwarded import ForwardedHeaders

ROUTERS: tuple[APIRouter, ...] = (
    deployments.router, load_tests.router, events.router, logs.router, metrics.router,
    models.router, system.router, ws.router,
)  # fmt: skip
Opening = Callable[[FastAPI], AbstractAsyncContextManager[Services]]


def make_app(opening: Opening, api_prefix: str, dist: Path) -> FastAPI:
    """The application without middleware. `opening` creates the services at startup."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with opening(app) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Slipway",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        openapi_url=None,
        redoc_url=None,
        summary="From a Hugging Face model to a running inference API.",
        redirect_slashes=False,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    problems.install(app)
    app.include_router(health.router)
    limited = APIRouter()
    for router in ROUTERS:
        limited.include_router(router)
    app.include_router(limited, prefix=api_prefix)
    app.include_router(error_pages.router)
    app.include_router(docs_router())
    app.router.default = wizard_app(dist, api_prefix)
    _document(app)
    return app


@asynccontextmanager
async def without_services(_app: FastAPI) -> AsyncGenerator[Services]:
    """An opening for an application that only describes itself."""
    message = "this application has no services; start it with: python -m backend.api_server"
    raise RuntimeError(message)
    yield


def _document(app: FastAPI) -> None:
    """Add Problem to the schemas, which every documented error refers to."""
    plain = app.openapi

    def with_problem() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if Problem.__name__ not in schemas:
            schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas[Problem.__name__] = schema
        return document

    app.openapi = with_problem


def guarded(app: FastAPI, rules: Rules, max_body_bytes: int) -> ASGIApp:
    """The application with its middleware: client URL, request ids, errors, guard, proxy."""
    limited = BodyLimit(app, max_body_bytes)
    proxy = Proxy(
        HeadAsGet(limited), rules.api_prefix, lambda: app.state.services, rules.public_url
    )
    inner = RequestIds(problems.CatchAll(Guard(proxy, rules)))
    return ForwardedHeaders(inner, rules.trusted_proxies, rules.public_url)
