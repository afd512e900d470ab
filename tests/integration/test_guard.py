"""Who may come in: key, Host, Origin and content type, on every route and on the socket."""

from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from backend.api_server import create_app
from backend.config import Settings
from tests.fakes import raw_http
from tests.fakes.control_plane import HTTP, Plane, running_plane

KEY = "a-key-of-more-than-sixteen"
PUBLIC = {"/health", "/ready", "/docs", "/redoc", "/openapi.json"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that wants a key."""
    folder = tmp_path_factory.mktemp("plane")
    with running_plane(folder, API_KEY_ENABLED="true", API_KEY=KEY) as started:
        yield started


def operations() -> list[tuple[str, str]]:
    """Every documented method and path, with ids filled in."""
    document = create_app(Settings()).openapi()
    return [
        (
            method.upper(),
            path.replace("{key}", "x").replace("{source}", "hub").replace("{model_id}", "y"),
        )
        for path, methods in document["paths"].items()
        for method in methods
    ]


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_non_public_route_requires_key(plane: Plane, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Forwarded-For": "127.0.0.1"}):
        response = HTTP.request(method, f"{plane.url}{path}", headers=headers)
        if path in PUBLIC:
            assert response.status_code == 200
        else:
            expected = 403 if "Authorization" in headers else 401
            assert (response.status_code, response.json()["error_type"]) == (
                expected,
                "authentication",
            )


@pytest.mark.parametrize(
    "path", ["/d/x/predict", "/api/v1/deployments/x/proxy/predict", "/api/v1/none", "/api/v1"]
)
def test_undocumented_paths_require_key(plane: Plane, path: str) -> None:
    assert HTTP.get(f"{plane.url}{path}").status_code == 401
    assert HTTP.post(f"{plane.url}{path}").status_code == 401


def test_key_is_accepted_in_both_headers(plane: Plane) -> None:
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}):
        response = HTTP.get(f"{plane.url}/api/v1/deployments", headers=headers)
        assert response.status_code == 200


def test_key_in_url_is_rejected(plane: Plane) -> None:
    response = HTTP.get(f"{plane.url}/api/v1/deployments?api_key={KEY}")
    assert (response.status_code, response.json()["code"]) == (400, "key-in-query")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "a/?x=", "localhost.evil"])
def test_unknown_hosts_are_rejected_on_every_path(plane: Plane, host: str) -> None:
    for path in ("/health", "/api/v1/deployments", "/"):
        response = HTTP.get(f"{plane.url}{path}", headers={"Host": host})
        assert response.status_code in {400, 421}


@pytest.mark.parametrize("path", ["/health", "/ready"])
@pytest.mark.parametrize("head", ["HTTP/1.0", "HTTP/1.0\nHost:", "HTTP/1.1\nHost:"])
def test_health_check_without_host_is_allowed(plane: Plane, path: str, head: str) -> None:
    assert raw_http.request(plane.base, f"GET {path} {head}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/health/", "/d/x/health"])
def test_other_paths_require_host(plane: Plane, path: str) -> None:
    for version in ("HTTP/1.0", "HTTP/1.1\nHost:"):
        status, problem = raw_http.request(plane.base, f"GET {path} {version}")
        assert (status, problem["code"]) == (421, "host-not-allowed")


def test_foreign_host_is_rejected_on_health_check(plane: Plane) -> None:
    for version in ("HTTP/1.0", "HTTP/1.1"):
        head = f"GET /health {version}\nHost: evil.example"
        assert raw_http.request(plane.base, head)[0] == 421


def test_cross_origin_writes_are_rejected(plane: Plane) -> None:
    headers = {"Origin": "https://evil.example", "Authorization": f"Bearer {KEY}"}
    body = {"model_id": "sentiment", "source": "starter"}
    response = HTTP.post(f"{plane.url}/api/v1/deployments", json=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_form_content_types_are_rejected(plane: Plane, kind: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
    response = HTTP.post(
        f"{plane.url}/api/v1/deployments", content=b'{"model_id":"x"}', headers=headers, timeout=30
    )
    assert response.status_code == 415


def _open(plane: Plane, **more: Any) -> None:
    url = plane.url.replace("http", "ws") + "/api/v1/ws/none"
    with connect(url, **more) as socket:
        socket.recv(timeout=5)


def test_websocket_requires_key_or_ticket_and_known_origin(plane: Plane) -> None:
    with pytest.raises(InvalidStatus) as refused:
        _open(plane)
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus):
        _open(plane, origin="https://evil.example", additional_headers={"X-API-Key": KEY})
    headers = {"Authorization": f"Bearer {KEY}"}
    ticket = HTTP.post(f"{plane.url}/api/v1/ws-ticket", headers=headers).json()["ticket"]
    protocol = f"slipway.ticket.{ticket}"
    with pytest.raises(Exception, match="not-found"):
        _open(plane, subprotocols=["slipway.v1", protocol])
    with pytest.raises(InvalidStatus):
        _open(plane, subprotocols=["slipway.v1", protocol])
