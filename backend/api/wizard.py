"""Serves the wizard: its files, its page at the wizard's paths, and a 404 elsewhere."""

import mimetypes
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from backend.api.pages import is_api_path, is_page, prefers_html
from backend.errors.request import NotFound
from backend.transport.forwarded import client_url

MISSING = """<!doctype html><meta charset="utf-8"><title>Slipway</title>
<p>The wizard is not built. Run <code>make run</code> with Node 20.19 or newer, or use the API:
<a href="{above}/docs">{above}/docs</a>.</p>"""
DEFAULT_PREFIX = "/api/v1"
READS = ("GET", "HEAD")
OWN_URL = re.compile(r'\b(href|src)="\./')
LASTING = "public, max-age=31536000, immutable"


def wizard_app(dist: Path, api_prefix: str) -> ASGIApp:
    """ASGI app for paths without an API route: a file of `dist/`, the page, or a 404."""
    root = dist.resolve()

    async def page_app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        request = Request(scope)
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))) or "/"
        file = _file_at(root, path)
        if file is None and not is_page(path):
            response = _not_found(request, path, root / "index.html", api_prefix)
        elif request.method not in READS:
            raise HTTPException(405, headers={"Allow": ", ".join(READS)})
        elif file is None:
            response = _page(root / "index.html", api_prefix, client_url(scope).path)
        else:
            response = _file(file, request, lasting=path.startswith("/assets/"))
        await response(scope, receive, send)

    return page_app


def _file_at(root: Path, path: str) -> Path | None:
    """The file of the build at this path; None if missing or outside of the build."""
    try:
        wanted = (root / path.lstrip("/")).resolve()
    except ValueError:  # a NUL byte
        return None
    found = wanted.is_relative_to(root) and wanted.is_file() and wanted.name != "index.html"
    return wanted if found else None


def _not_found(request: Request, path: str, index: Path, api_prefix: str) -> Response:
    """Status 404: the wizard's "not found" page for a browser, else a problem. Raises NotFound."""
    is_browser = request.method in READS and prefers_html(request.headers.get("accept", ""))
    if not is_browser or is_api_path(path, api_prefix):
        raise NotFound(f"No route matches {request.method} {path[:200]!r}.")
    page = _page(index, api_prefix, client_url(request.scope).path)
    page.status_code = 404
    page.headers["Vary"] = "Accept"
    return page


def _page(index: Path, api_prefix: str, above: str) -> Response:
    """The page, with API_PREFIX and the path `above` it that a reverse proxy adds.

    The build has relative URLs (`./`). Pages of deeper routes need absolute ones; a <base> element
    would change the meaning of `#fragment` links.
    """
    if not index.is_file():
        return HTMLResponse(MISSING.replace("{above}", above))
    text = index.read_text(encoding="utf-8")
    for name, built, value in (
        ("slipway-base-path", "", above),
        ("slipway-api-prefix", DEFAULT_PREFIX, f"{above}{api_prefix}"),
    ):
        meta = f'name="{name}" content='
        text = text.replace(f'{meta}"{built}"', f'{meta}"{value}"', 1)
    text = OWN_URL.sub(rf'\1="{above}/', text)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


def _file(path: Path, request: Request, *, lasting: bool) -> Response:
    """A file; its Brotli version from the build if the browser accepts it."""
    headers = {"Cache-Control": LASTING if lasting else "no-cache", "Vary": "Accept-Encoding"}
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = path.with_name(f"{path.name}.br")
    if packed.is_file() and "br" in request.headers.get("accept-encoding", ""):
        return FileResponse(packed, headers={**headers, "Content-Encoding": "br"}, media_type=kind)
    return FileResponse(path, headers=headers, media_type=kind)
