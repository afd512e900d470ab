"""Swagger UI from local files, without network access and without inline scripts."""

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from backend.errors.request import NotFound

_FOLDER = Path(__file__).resolve().parent.parent / "static" / "swagger"
_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Relative URLs, so that the page also works under a path of the control plane.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/assets/swagger-ui.css"></head>
<body><div id="docs"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script></body></html>
"""


def page(title: str) -> HTMLResponse:
    """The page at `/docs`."""
    return HTMLResponse(
        _PAGE.format(title=escape(title)), headers={"content-security-policy": _POLICY}
    )


async def asset(request: Request) -> Response:
    """One of its three static files."""
    name = request.path_params["name"]
    if name not in _FILES:
        raise NotFound("The page has no file with this name.")
    return FileResponse(
        _FOLDER / name, media_type=_FILES[name], headers={"cache-control": "max-age=86400"}
    )
