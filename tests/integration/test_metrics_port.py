"""METRICS_PORT: authentication of scrapes, and responses on other paths."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane

KEY = "a-key-of-more-than-sixteen"
KEYS = {"API_KEY_ENABLED": "true", "API_KEY": KEY}


def metrics_url(plane: Plane) -> str:
    return f"http://127.0.0.1:{plane.base + 2}/metrics"


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One that other machines can reach, with a key."""
    folder = tmp_path_factory.mktemp("public")
    with stub_plane(folder, BACKEND_HOST="0.0.0.0", **KEYS) as started:
        yield started


def test_public_metrics_port_requires_key(public: Plane) -> None:
    refused = HTTP.get(metrics_url(public))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert "slipway_" not in refused.text
    wrong = HTTP.get(metrics_url(public), headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-key")


def test_prometheus_bearer_token_is_accepted(public: Plane) -> None:
    response = HTTP.get(metrics_url(public), headers={"Authorization": f"Bearer {KEY}"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE slipway_deployments gauge" in response.text


def test_other_paths_of_public_metrics_port_require_key(public: Plane) -> None:
    url = metrics_url(public).removesuffix("metrics")
    assert HTTP.get(f"{url}none").status_code == 401
    assert HTTP.head(f"{url}metrics").status_code == 401


@pytest.mark.parametrize("settings", [KEYS, {}], ids=["with keys", "without keys"])
def test_loopback_metrics_port_needs_no_key_and_returns_json_errors(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with stub_plane(tmp_path, **settings) as plane:
        url = metrics_url(plane)
        assert HTTP.get(url).status_code == 200
        assert HTTP.head(url).status_code == 200
        for method, path, status in (("GET", "/none", 404), ("POST", "", 405), ("POST", "/x", 404)):
            refused = HTTP.request(method, url + path)
            assert refused.status_code == status
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["request_id"] == refused.headers["x-request-id"]
