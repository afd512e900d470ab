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


def assert_is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.url
    assert answer.json()["code"] == code


@pytest.mark.parametrize("path", [*API_PATHS, *UNKNOWN])
def test_a_program_gets_a_json_404_for_an_unknown_path(origin: str, path: str) -> None:
    for accept in ("*/*", "application/json, text/html;q=0.5", ""):
        answer = HTTP.get(origin + path, headers={"Accept": accept})
        assert_is_problem(answer, 404, "not-found")
    for method in ("POST", "DELETE", "OPTIONS"):
        assert_is_problem(HTTP.request(method, origin + path), 404, "not-found")
    head = HTTP.head(origin + path)
    assert (head.status_code, head.content) == (404, b"")


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_browser_gets_the_not_found_page_with_status_404(origin: str, path: str) -> None:
    answer = HTTP.get(origin + path, headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["vary"]) == (404, "Accept")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<title>Slipway</title>" in answer.text


@pytest.mark.parametrize("path", API_PATHS)
def test_a_browser_gets_json_too_where_only_programs_ask(origin: str, path: str) -> None:
    assert_is_problem(HTTP.get(origin + path, headers={"Accept": BROWSER}), 404, "not-found")


@pytest.mark.parametrize("path", [*PAGES, "/index.html", "/models/", "/deployments/a.b"])
def test_every_page_of_the_wizard_is_served_and_takes_reads_only(origin: str, path: str) -> None:
    for accept in (BROWSER, "*/*"):
        answer = HTTP.get(origin + path, headers={"Accept": accept})
        assert (answer.status_code, "<title>Slipway</title>" in answer.text) == (200, True)
    assert (HTTP.head(origin + path).status_code, HTTP.head(origin + path).content) == (200, b"")
    refused = HTTP.post(origin + path)
    assert_is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD"


@needs_build
def test_files_of_the_build_are_served(origin: str) -> None:
    file = next((ROOT / "dist" / "assets").glob("*.js"))
    for path in ("/mark.svg", f"/assets/{file.name}"):
        assert HTTP.get(origin + path).status_code == 200
        head = HTTP.head(origin + path)
        assert (head.status_code, int(head.headers["content-length"]) > 0) == (200, True)


@pytest.mark.parametrize("path", ["/..%2f..%2fpyproject.toml", "/%00", "/assets/%2e%2e/%2e%2e/x"])
def test_paths_that_leave_the_build_are_not_found(origin: str, path: str) -> None:
    assert_is_problem(HTTP.get(origin + path), 404, "not-found")


@pytest.mark.parametrize("path", ["/health", "/ready", "/docs", "/openapi.json", "/api/v1/tasks"])
def test_head_is_answered_like_get_without_a_body(origin: str, path: str) -> None:
    got, head = HTTP.get(origin + path), HTTP.head(origin + path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def test_a_known_path_names_its_methods(origin: str) -> None:
    refused = HTTP.delete(f"{origin}/api/v1/tasks")
    assert_is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET"
