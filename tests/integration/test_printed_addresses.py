"""On a wildcard address, every printed URL can be opened."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.control_plane import HTTP, Plane, stub_plane, until

KEY = "a-key-of-more-than-sixteen"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One that listens on every address."""
    settings = {"BACKEND_HOST": "0.0.0.0", "API_KEY_ENABLED": "true", "API_KEY": KEY}
    with stub_plane(tmp_path_factory.mktemp("plane"), **settings) as started:
        yield started


def test_every_printed_url_works(plane: Plane) -> None:
    printed = plane.output.read_text()
    urls = re.findall(r"https?://\S+", printed)
    assert "0.0.0.0" not in printed
    assert {
        f"http://localhost:{plane.base}/docs",
        f"http://localhost:{plane.base + 2}/metrics",
    } <= {*urls}
    for url in urls:
        path = url if not url.endswith("/api/v1") else f"{url}/tasks"
        assert HTTP.get(path, headers=WITH_KEY).status_code == 200, url


def test_every_host_in_system_info_works(plane: Plane) -> None:
    response = HTTP.get(f"{plane.url}/api/v1/system", headers=WITH_KEY)
    hosts = response.json()["exposure"]["hosts"]
    assert hosts[0] == "localhost"
    for host in hosts:
        assert HTTP.get(f"http://{host}:{plane.base}/ready").status_code == 200


def test_endpoint_url_has_no_wildcard_host(plane: Plane) -> None:
    body = {"model_id": "sentiment", "source": "starter"}
    made = HTTP.post(f"{plane.url}/api/v1/deployments", json=body, headers=WITH_KEY).json()
    host = {"Host": f"0.0.0.0:{plane.base}"}

    def running() -> dict[str, Any] | None:
        url = f"{plane.url}/api/v1/deployments/{made['id']}"
        now = HTTP.get(url, headers={**WITH_KEY, **host}).json()
        return now if now["state"] == "running" else None

    shown = until(running, "it to run")
    assert "0.0.0.0" not in str(shown)
    assert HTTP.post(shown["endpoint"], json={"inputs": "x"}, headers=WITH_KEY).status_code == 200
