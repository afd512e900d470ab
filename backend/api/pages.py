"""Which paths are pages of the wizard, and which 404 responses are HTML.

`wizard_pages.json` lists the patterns of the frontend's router (frontend/src/app/routes.tsx);
frontend/src/app/routes.test.ts compares the two.
"""

import json
import re
from pathlib import Path

PATTERNS: tuple[str, ...] = tuple(
    json.loads(Path(__file__).with_name("wizard_pages.json").read_text(encoding="utf-8"))
)
# First segments of paths that programs request: Slipway's, and those of other model APIs.
API_SEGMENTS = frozenset(
    {
        *("api", "v1", "v2", "d", "predict", "info", "health", "ready", "metrics"),
        *("docs", "redoc", "docs-assets", "errors", "assets"),
    }
)


def _as_regex(pattern: str) -> str:
    """Regex of a router pattern: `:id` matches one segment, a trailing slash is optional."""
    parts = [
        "[^/]+" if part.startswith(":") else re.escape(part)
        for part in pattern.strip("/").split("/")
    ]
    return "/" + "/".join(parts) + ("/?" if parts[0] else "")


# React Router ignores case.
_PAGE = re.compile("|".join(_as_regex(pattern) for pattern in PATTERNS), re.IGNORECASE)


def is_page(path: str) -> bool:
    """Whether the frontend's router has a route for the path, other than its catch-all."""
    return path == "/index.html" or _PAGE.fullmatch(path) is not None


def is_api_path(path: str, api_prefix: str) -> bool:
    """Whether only programs request this path: below an API's first segment, or a file name."""
    parts = path.strip("/").split("/")
    below_prefix = f"{path}/".startswith(f"{api_prefix}/")
    return below_prefix or parts[0].lower() in API_SEGMENTS or "." in parts[-1]


def prefers_html(accept: str) -> bool:
    """Whether an Accept header prefers text/html, or weighs it the same as JSON."""
    html = _weight(accept, {"text/html", "application/xhtml+xml"})
    return html > 0 and html >= _weight(accept, {"application/json", "application/problem+json"})


def _weight(accept: str, kinds: set[str]) -> float:
    """The largest `q` among these media types, from 0 to 1; wildcards are not counted."""
    found = [0.0]
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind in kinds:
            weights = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
            found.append(_number(weights[0]) if weights else 1.0)
    return max(found)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
