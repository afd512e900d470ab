"""The wizard's built files, and the page itself for every address that is the wizard's."""

import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from backend.errors.request import NotFound

MISSING = """<!doctype html><meta charset="utf-8"><title>Slipway</title>
<p>The wizard is not built. Run <code>make run</code> with Node 20.19 or newer, or use the API:
<a href="/docs">/docs</a>.</p>"""
DEFAULT_PREFIX = "/api/v1"
LASTING = "public, max-age=31536000, immutable"


def wizard_router(dist: Path, api_prefix: str) -> APIRouter:
    """Serves `dist/`; the last router, so that everything else comes first."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()
    reserved = (f"{api_prefix}/", "/d/", "/errors/", "/docs")

    @router.get("/{path:path}")
    async def page(request: Request, path: str) -> Response:
        """A file of the build, or the page."""
        wanted = (root / path).resolve()
        is_file = bool(path) and wanted.is_relative_to(root) and wanted.is_file()
        if f"/{path}".startswith(reserved) or (path.startswith("assets/") and not is_file):
            detail = "Nothing has this address."
            raise NotFound(detail)
        if is_file and wanted.name != "index.html":
            return _file(wanted, request, lasting=path.startswith("assets/"))
        return _page(root / "index.html", api_prefix)

    return router


def _page(index: Path, api_prefix: str) -> Response:
    """The page; told of API_PREFIX where it is not the usual one."""
    if not index.is_file():
        return HTMLResponse(MISSING)
    text = index.read_text(encoding="utf-8")
    if api_prefix != DEFAULT_PREFIX:
        told = 'name="slipway-api-prefix" content='
        text = text.replace(f'{told}"{DEFAULT_PREFIX}"', f'{told}"{api_prefix}"', 1)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


def _file(path: Path, request: Request, *, lasting: bool) -> Response:
    """A file; packed as the build left it where the browser takes that."""
    headers = {"Cache-Control": LASTING if lasting else "no-cache", "Vary": "Accept-Encoding"}
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = path.with_name(f"{path.name}.br")
    if packed.is_file() and "br" in request.headers.get("accept-encoding", ""):
        return FileResponse(packed, headers={**headers, "Content-Encoding": "br"}, media_type=kind)
    return FileResponse(path, headers=headers, media_type=kind)
