"""The wizard's built files, and the page itself for every address that is the wizard's."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from backend.errors.request import NotFound

MISSING = """<!doctype html><meta charset="utf-8"><title>Slipway</title>
<p>The wizard is not built. Run <code>make run</code> with Node 20.19 or newer, or use the API:
<a href="/docs">/docs</a>.</p>"""


def wizard_router(dist: Path, api_prefix: str) -> APIRouter:
    """Serves `dist/`; the last router, so that everything else comes first."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.get("/{path:path}")
    async def page(request: Request, path: str) -> Response:
        """A file of the build, or the page."""
        if f"/{path}".startswith((f"{api_prefix}/", "/d/", "/errors/", "/docs")):
            detail = "Nothing has this address."
            raise NotFound(detail)
        wanted = (root / path).resolve()
        if path and wanted.is_relative_to(root) and wanted.is_file():
            lasting = path.startswith("assets/")
            cache = "public, max-age=31536000, immutable" if lasting else "no-cache"
            return FileResponse(wanted, headers={"Cache-Control": cache})
        if "." in path.rsplit("/", 1)[-1] and path.startswith("assets/"):
            detail = "No such file."
            raise NotFound(detail)
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(MISSING)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return router
