"""An HTML page for every error of the catalogue, at the URL in its `type`."""

import html
import inspect

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from backend.errors import ERRORS, PlatformError
from backend.errors.request import NotFound

router = APIRouter(include_in_schema=False)


def page(error: type[PlatformError]) -> str:
    """Title, status, explanation and remedy, from the error class."""
    about = html.escape(inspect.cleandoc(error.__doc__ or "")).replace("\n\n", "</p><p>")
    about = about.replace("## What to do", "<strong>What to do.</strong>")
    remedy = error.remedy
    for fact in error.facts:
        remedy = remedy.replace(f"{{{fact}}}", f"({fact})")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{error.code}</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto}</style>"
        f"<h1>{html.escape(error.title)}</h1>"
        f"<p><code>{error.code}</code>, status {error.status}</p>"
        f"<p>{about}</p><p>{html.escape(remedy)}</p></html>"
    )


@router.get("/errors/{code}")
async def show(code: str) -> HTMLResponse:
    """The page of one error. Raises NotFound."""
    if code not in ERRORS:
        detail = f"No error is called {code[:60]!r}."
        raise NotFound(detail)
    return HTMLResponse(page(ERRORS[code]))
