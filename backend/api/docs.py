"""Swagger UI and ReDoc from local files, so that they work offline and with a strict CSP."""

from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from backend.errors.request import NotFound
from backend.transport.forwarded import client_url

STATIC = Path(__file__).parents[1] / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml"}

# Relative URLs, so that the pages also work below a path of a reverse proxy.
SWAGGER = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Slipway API</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="docs-assets/swagger-ui.css">
<div id="docs"></div>
<script src="docs-assets/swagger-ui-bundle.js"></script>
<script src="docs-assets/start.js"></script></html>"""
REDOC = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Slipway API</title>
<meta name="viewport" content="width=device-width">
<redoc spec-url="openapi.json"></redoc>
<script src="docs-assets/redoc.standalone.js"></script></html>"""


def docs_router() -> APIRouter:
    """`/docs`, `/redoc` and the files they load."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def swagger() -> HTMLResponse:
        return HTMLResponse(SWAGGER)

    @router.get("/redoc")
    async def redoc() -> HTMLResponse:
        return HTMLResponse(REDOC)

    @router.get("/openapi.json")
    async def openapi(request: Request) -> JSONResponse:
        """The document; its server URL is the path that this client's proxy adds."""
        server = {"url": client_url(request.scope).path or "/"}
        return JSONResponse({**request.app.openapi(), "servers": [server]})

    @router.get("/docs-assets/{name}")
    async def asset(name: str) -> Response:
        path = STATIC / ("redoc" if name.startswith("redoc") else "swagger") / Path(name).name
        if path.suffix not in KINDS or not path.is_file():
            detail = "No such file."
            raise NotFound(detail)
        return FileResponse(
            path, media_type=KINDS[path.suffix], headers={"Cache-Control": "max-age=86400"}
        )

    return router
