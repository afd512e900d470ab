"""Slipway at https://127.0.0.1:PORT/slipway/, behind a real nginx with TLS, in both forms."""

import json
import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.fakes.control_plane import ROOT, Plane, started_plane
from tests.fakes.nginx import FORMS, NGINX, Form, running_nginx, trusting

NAME = "sentiment"
TEXT = {"inputs": "A wonderful evening."}


@dataclass(frozen=True, kw_only=True)
class Site:
    """The control plane as its clients see it; `url` is without a slash at its end."""

    url: str
    origin: str
    plane: Plane
    http: httpx.Client
    tls: ssl.SSLContext

    def get(self, path: str) -> httpx.Response:
        """One that must work."""
        response = self.http.get(f"{self.url}{path}")
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response


@pytest.fixture(scope="module", params=FORMS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A control plane with one running deployment, and nginx in front of it."""
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed")
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    form: Form = request.param
    folder = tmp_path_factory.mktemp("site")
    plane = Plane(folder / "plane")
    port = plane.base + 3
    origin = f"https://127.0.0.1:{port}"
    url = f"{origin}/slipway"
    if form == "keeps":
        plane.settings["PUBLIC_URL"] = url
    with (
        started_plane(plane),
        running_nginx(folder / "nginx", port, plane.base, form),
        httpx.Client(verify=trusting(folder / "nginx"), timeout=60, trust_env=False) as http,
    ):
        plane.deploy(NAME)
        plane.wait(NAME, "running")
        yield Site(url=url, origin=origin, plane=plane, http=http, tls=trusting(folder / "nginx"))


def urls_in(page: str) -> list[str]:
    """Everything that a page loads."""
    return re.findall(r'(?:src|href|spec-url)="([^"#]+)"', page)


@pytest.mark.skipif(not (ROOT / "dist/index.html").is_file(), reason="the wizard is not built")
@pytest.mark.parametrize("path", ["/", "/deployments/sentiment/metrics"])
def test_page_loads_all_files_under_prefix(site: Site, path: str) -> None:
    page = site.get(path)
    found = urls_in(page.text)
    assert len(found) > 4
    for url in found:
        assert url.startswith("/slipway/")
        loaded = site.http.get(urljoin(str(page.url), url))
        assert loaded.status_code == 200
        assert "html" not in loaded.headers["content-type"]
    assert 'name="slipway-base-path" content="/slipway"' in page.text
    assert 'name="slipway-api-prefix" content="/slipway/api/v1"' in page.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", f"/d/{NAME}/docs"])
def test_api_docs_load_assets_and_openapi_document(site: Site, path: str) -> None:
    page = site.get(path)
    documents = [*urls_in(page.text), "openapi.json"]
    for url in documents:
        loaded = site.http.get(urljoin(str(page.url), url))
        assert (loaded.status_code, str(loaded.url).startswith(site.url)) == (200, True), url
    served = urlsplit(site.url).path + path.rpartition("/")[0]
    [server] = site.http.get(urljoin(str(page.url), "openapi.json")).json()["servers"]
    assert server["url"] == served


def test_location_header_of_new_deployment_resolves(site: Site) -> None:
    body = {"model_id": NAME, "source": "starter", "name": "second"}
    made = site.http.post(
        f"{site.url}/api/v1/deployments", json=body, headers={"Origin": site.origin}
    )
    assert made.status_code == 202, made.text
    assert made.headers["location"] == f"/slipway/api/v1/deployments/{made.json()['id']}"
    found = site.http.get(urljoin(f"{site.url}/", made.headers["location"]))
    assert found.json()["name"] == "second"
    assert site.plane.verb("second", "cancel").status_code in {202, 409}


def test_printed_urls_use_public_host_and_work(site: Site) -> None:
    shown: dict[str, Any] = site.get(f"/api/v1/deployments/{NAME}").json()
    endpoint = f"{site.url}/d/{NAME}/predict"
    assert (shown["url"], shown["endpoint"]) == (f"{site.url}/d/{NAME}", endpoint)
    assert shown["message"] == f"Serving at {endpoint}"
    usage = shown["result"]["usage_instructions"]
    assert usage["endpoint"] == endpoint
    assert usage["test_ui_url"] == f"{site.url}/test/{shown['id']}"
    examples = {name: text for name, text in usage.items() if name.startswith("example_") and text}
    assert len(examples) >= 4
    for name, text in examples.items():
        assert f"{site.url}/d/{NAME}" in text, name
    assert set(re.findall(r"https?://[^/\\\"']+", json.dumps(usage))) == {site.origin}
    assert "POSITIVE" in site.http.post(endpoint, json=TEXT).text


def test_model_server_example_uses_requested_url(site: Site) -> None:
    curl_example = site.get(f"/d/{NAME}/info").json()["example"]["curl"]
    assert f" {site.url}/d/{NAME}/predict " in curl_example
    port = site.plane.get(NAME)["port"]
    direct = httpx.get(f"http://localhost:{port}/info", trust_env=False).json()["example"]["curl"]
    is_by_setting = "PUBLIC_URL" in site.plane.settings
    own = f"{site.url}/d/{NAME}" if is_by_setting else f"http://localhost:{port}"
    assert f" {own}/predict " in direct


def test_control_plane_works_on_its_own_port(site: Site) -> None:
    page = httpx.get(f"{site.plane.url}/", trust_env=False).text
    [icon] = re.findall(r'href="([^"]+mark.svg)"', page)
    assert icon == "/mark.svg"
    below = httpx.get(f"{site.plane.url}/docs-assets/start.js", trust_env=False)
    assert below.status_code == 200


def test_websocket_accepts_own_origin_only(site: Site) -> None:
    url = f"{site.url.replace('https', 'wss')}/api/v1/ws/{NAME}"
    with connect(url, origin=Origin(site.origin), ssl=site.tls, proxy=None) as socket:
        steps = {json.loads(text)["current_step"] for text in socket}
    assert {"validate", "verify"} <= steps
    for other in ("https://evil.example", site.origin.replace("https", "http")):
        with pytest.raises(InvalidStatus) as refused:
            connect(url, origin=Origin(other), ssl=site.tls, proxy=None)
        assert refused.value.response.status_code == 403


def test_post_is_allowed_from_own_origin_only(site: Site) -> None:
    url = f"{site.url}/api/v1/preflight"
    body = {"model_id": NAME, "source": "starter"}
    statuses = {
        origin: site.http.post(url, json=body, headers={"Origin": origin}).status_code
        for origin in (site.origin, site.origin.replace("https", "http"), "https://evil.example")
    }
    assert list(statuses.values()) == [200, 403, 403]


@pytest.mark.parametrize("path", ["/api/v1/deployments/nobody", f"/d/{NAME}/nothing"])
def test_problem_type_url_serves_error_page(site: Site, path: str) -> None:
    problem = site.http.get(f"{site.url}{path}").json()
    assert problem["type"] == "/slipway/errors/not-found"
    assert problem.get("instance") in {f"/slipway{path}", None}
    page = site.http.get(urljoin(site.url, problem["type"]))
    assert (page.status_code, "<h1>" in page.text) == (200, True)


def test_unknown_host_error_names_setting(site: Site) -> None:
    refused = site.http.get(f"{site.url}/api/v1/system", headers={"Host": "example.org"})
    assert refused.status_code == 421
    assert "Add example.org to TRUSTED_HOSTS" in refused.json()["remedy"]
