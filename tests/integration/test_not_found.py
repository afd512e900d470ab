"""Paths without a route: JSON for programs, a page with status 404 for browsers, on every port."""

from collections.abc import Iterator

import httpx
import pytest

from backend.api.pages import PATTERNS
from tests.fakes.control_plane import HTTP, ROOT, Plane, stub_plane

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES = [pattern.replace(":id", "dep_x").replace(":screen", "model") for pattern in PATTERNS]
PAGES = [page.replace(":tab", "logs") for page in PAGES]
API_PATHS = [
    "/v1/models", "/v1/chat/completions", "/v2/health/live", "/metrics", "/predict", "/api/v2/x",
    "/api/v1/none", "/api/v1", "/docs/none", "/redoc/none", "/errors/a/b", "/docs-assets/a/b",
    "/assets/none.js", "/assets/", "/favicon.ico", "/d", "/ready/x", "/health/",
]  # fmt: skip
UNKNOWN = ["/anything/api-like", "/deployments/a/b/c", "/deploy/model/x", "/test", "/modelsx", "//"]
needs_build = pytest.mark.skipif(
    not (ROOT / "dist" / "index.html").is_file(), reason="the wizard is not built"
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane without a key."""
    with stub_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.fixture(params=[0, pytest.param(1, marks=needs_build)], ids=["api", "wizard"])
def origin(plane: Plane, request: pytest.FixtureRequest) -> str:
    """BACKEND_PORT, and FRONTEND_PORT."""
    return f"http://127.0.0.1:{plane.base + request.param}"


def assert_is_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), response.url
    assert response.json()["code"] == code


@pytest.mark.parametrize("path", [*API_PATHS, *UNKNOWN])
def test_unknown_path_returns_json_404_to_programs(origin: str, path: str) -> None:
    for accept in ("*/*", "application/json, text/html;q=0.5", ""):
        response = HTTP.get(origin + path, headers={"Accept": accept})
        assert_is_problem(response, 404, "not-found")
    for method in ("POST", "DELETE", "OPTIONS"):
        assert_is_problem(HTTP.request(method, origin + path), 404, "not-found")
    head = HTTP.head(origin + path)
    assert (head.status_code, head.content) == (404, b"")


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_path_returns_html_404_to_browsers(origin: str, path: str) -> None:
    response = HTTP.get(origin + path, headers={"Accept": BROWSER})
    assert (response.status_code, response.headers["vary"]) == (404, "Accept")
    assert response.headers["content-type"].startswith("text/html")
    assert "<title>Slipway</title>" in response.text


@pytest.mark.parametrize("path", API_PATHS)
def test_unknown_api_path_returns_json_to_browsers(origin: str, path: str) -> None:
    assert_is_problem(HTTP.get(origin + path, headers={"Accept": BROWSER}), 404, "not-found")


@pytest.mark.parametrize("path", [*PAGES, "/index.html", "/models/", "/deployments/a.b"])
def test_wizard_pages_are_served_for_get_and_head_only(origin: str, path: str) -> None:
    for accept in (BROWSER, "*/*"):
        response = HTTP.get(origin + path, headers={"Accept": accept})
        assert (response.status_code, "<title>Slipway</title>" in response.text) == (200, True)
    assert (HTTP.head(origin + path).status_code, HTTP.head(origin + path).content) == (200, b"")
    refused = HTTP.post(origin + path)
    assert_is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD"


@needs_build
def test_build_files_are_served(origin: str) -> None:
    file = next((ROOT / "dist" / "assets").glob("*.js"))
    for path in ("/mark.svg", f"/assets/{file.name}"):
        assert HTTP.get(origin + path).status_code == 200
        head = HTTP.head(origin + path)
        assert (head.status_code, int(head.headers["content-length"]) > 0) == (200, True)


@pytest.mark.parametrize("path", ["/..%2f..%2fpyproject.toml", "/%00", "/assets/%2e%2e/%2e%2e/x"])
def test_path_traversal_out_of_build_returns_404(origin: str, path: str) -> None:
    assert_is_problem(HTTP.get(origin + path), 404, "not-found")


@pytest.mark.parametrize("path", ["/health", "/ready", "/docs", "/openapi.json", "/api/v1/tasks"])
def test_head_returns_get_headers_without_body(origin: str, path: str) -> None:
    got, head = HTTP.get(origin + path), HTTP.head(origin + path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def test_405_lists_allowed_methods(origin: str) -> None:
    refused = HTTP.delete(f"{origin}/api/v1/tasks")
    assert_is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET"
